import json
from weather_sdk import weather
print(json.dumps(weather.get_weather(location="Oslo"), default=lambda o: o.model_dump()))
