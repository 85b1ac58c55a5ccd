# hint: city
from weather_sdk import weather
r = weather.get_forecast(city="Oslo")
print(r.get("days", []))
