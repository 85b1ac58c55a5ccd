from weather_sdk import weather
order = {"minor": 0, "moderate": 1, "severe": 2, "extreme": 3}
alerts = weather.list_alerts(region="NO-03", min_severity="moderate")
for alert in sorted(alerts, key=lambda a: -order[a.severity]):
    print(alert.severity.upper(), alert.headline, alert.until)
