# hint: city
from weather_sdk import weather
r = weather.get_forecast(city="Oslo")
print(r["days"][0]["high"])
