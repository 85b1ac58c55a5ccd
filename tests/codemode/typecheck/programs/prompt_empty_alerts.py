from weather_sdk import weather
alerts = weather.list_alerts(region="NO-03")
if not alerts:
    print("no alerts")
else:
    print(len(alerts), "alerts:", "; ".join(a.headline for a in alerts))
