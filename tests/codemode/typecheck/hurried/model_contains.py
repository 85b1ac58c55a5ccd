# hint:
from weather_sdk import weather
r = weather.get_forecast(city="Oslo")
if "days" in r:
    print(r.days)
