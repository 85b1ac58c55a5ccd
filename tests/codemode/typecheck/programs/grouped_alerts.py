from weather_sdk import weather
alerts = weather.list_alerts(region="TX")
order = {"minor": 0, "moderate": 1, "severe": 2, "extreme": 3}
alerts = sorted(alerts, key=lambda a: order[a.severity], reverse=True)
grouped = {}
for a in alerts:
    if a.severity not in grouped:
        grouped[a.severity] = []
    grouped[a.severity].append(a.headline)
for sev in ["extreme", "severe", "moderate", "minor"]:
    for h in grouped.get(sev, []):
        print(sev.upper(), h)
