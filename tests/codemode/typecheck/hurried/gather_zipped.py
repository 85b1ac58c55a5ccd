# hint: await
import asyncio
from weather_sdk import AsyncWeather
cities = ["Oslo", "Rome"]
async def main():
    async with AsyncWeather() as w:
        results = asyncio.gather(*[w.get_weather(location=c) for c in cities])
        for city, now in zip(cities, results):
            print(city, now.temperature)
asyncio.run(main())
