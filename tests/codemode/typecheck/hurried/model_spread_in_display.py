# hint: model_dump
from weather_sdk import weather
r = weather.get_weather(location="Oslo")
print({**r, "seen": True})
