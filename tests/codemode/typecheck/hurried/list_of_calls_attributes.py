# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
forecasts = [w.get_forecast(city=c) for c in ("Oslo", "Rome")]
for f in forecasts:
    print(f.city, f.days[0].high)
