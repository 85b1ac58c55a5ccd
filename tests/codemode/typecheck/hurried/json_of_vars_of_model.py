# hint: model_dump
import json
from weather_sdk import weather
f = weather.get_forecast(city="Oslo")
print(json.dumps(f.__dict__))
