# hint: attributes
from weather_sdk import weather
r = weather.get_forecast(city="Oslo")
if isinstance(r, dict):
    print(r["days"])
