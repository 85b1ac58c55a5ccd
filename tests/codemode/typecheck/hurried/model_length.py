# hint:
from weather_sdk import weather
print(len(weather.get_forecast(city="Oslo")))
