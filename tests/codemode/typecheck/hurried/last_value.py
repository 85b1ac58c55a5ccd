# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
forecasts = [w.get_forecast(city=c) for c in ("Oslo", "Rome")]
forecasts
