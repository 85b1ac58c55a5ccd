# hint: attributes
from weather_sdk import weather
for key, value in weather.get_weather(location="Oslo").items():
    print(key, value)
