# hint: model_dump
import json
from weather_sdk import weather
r = weather.get_weather(location="Oslo")
print(json.dumps(r, indent=2, ensure_ascii=False))
