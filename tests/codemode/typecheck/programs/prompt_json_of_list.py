import json
from weather_sdk import weather
alerts = weather.list_alerts(region="NO-03")
print(json.dumps([alert.model_dump(mode="json") for alert in alerts]))
