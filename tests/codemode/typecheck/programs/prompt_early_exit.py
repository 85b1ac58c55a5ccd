import sys
from weather_sdk import weather
now = weather.get_weather(location="Oslo")
if now.temperature > 40:
    sys.exit("a faulty sensor")
print(now.temperature)
