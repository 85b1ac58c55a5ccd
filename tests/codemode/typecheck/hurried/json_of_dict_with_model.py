# hint: model_dump
import json
from weather_sdk import weather
out = {}
for city in ("Oslo", "Rome"):
    out[city] = {"city": city, "now": weather.get_weather(location=city)}
print(json.dumps(out))
