# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
for forecast in [w.get_forecast(city=c) for c in ("Oslo", "Rome")]:
    print(forecast)
