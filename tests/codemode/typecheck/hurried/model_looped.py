# hint: pairs
from weather_sdk import weather
for day in weather.get_forecast(city="Oslo"):
    print(day)
