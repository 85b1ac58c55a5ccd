# hint: model_dump
import json
from weather_sdk import weather
print(json.dumps(dict(weather.get_forecast(city="Oslo"))))
