# hint: await
import asyncio
from weather_sdk import AsyncWeather
async with AsyncWeather() as w:
    results = list(asyncio.gather(*[w.get_weather(location=c) for c in ("Oslo", "Rome")]))
    print(results)
