# hint:
from weather_sdk import weather
def show(city, units, days):
    print(city, len(days))
show(**weather.get_forecast(city="Oslo"))
