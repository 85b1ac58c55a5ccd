# hint:
from weather_sdk import weather
r = weather.get_forecast(city="Oslo")
r["note"] = "seen"
print(r)
