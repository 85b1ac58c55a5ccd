# hint: model_dump
import json
from weather_sdk import weather
alerts = weather.list_alerts(region="NO-03")
print(json.dumps(alerts, indent=2))
