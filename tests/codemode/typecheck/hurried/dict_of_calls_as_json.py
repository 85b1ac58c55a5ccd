# hint: await
import json
from weather_sdk import AsyncWeather
w = AsyncWeather()
print(json.dumps({c: w.get_weather(location=c) for c in ("Oslo", "Rome")}))
