import asyncio
from weather_sdk import AsyncWeather
async with AsyncWeather() as c:
    calls = {city: c.get_forecast(city=city) for city in ("Oslo", "Rome")}
    forecasts = dict(zip(calls, await asyncio.gather(*calls.values())))
print({city: forecast.days[0].high for city, forecast in forecasts.items()})
