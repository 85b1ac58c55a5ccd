# hint: await
import asyncio
from weather_sdk import AsyncWeather
w = AsyncWeather()
r = asyncio.gather(w.get_forecast(city="Oslo"), w.get_forecast(city="Rome"))
print(r)
