from weather_sdk import weather

alerts = weather.list_alerts(region="TX")
worst = [alert for alert in alerts if alert.severity in ("severe", "extreme")]
{"count": len(alerts), "worst": [alert.headline for alert in worst]}
