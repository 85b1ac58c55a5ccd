# hint:
import asyncio
from weather_sdk import AsyncWeather
async with AsyncWeather() as w:
    rs = await asyncio.gather([w.get_weather(location=c) for c in ("Oslo", "Rome")])
    print(rs)
