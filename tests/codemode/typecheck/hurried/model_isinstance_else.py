# hint: attributes
from weather_sdk import weather
r = weather.get_weather(location="Oslo")
temp = r["temperature"] if isinstance(r, dict) else None
print(temp)
