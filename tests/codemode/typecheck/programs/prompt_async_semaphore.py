import asyncio
from weather_sdk import AsyncWeather
async def main():
    limit = asyncio.Semaphore(2)
    async with AsyncWeather() as c:
        async def one(city):
            async with limit:
                return city, await c.get_weather(location=city)
        pairs = await asyncio.gather(*[one(city) for city in ("Oslo", "Rome", "Bonn")])
    for city, now in sorted(pairs, key=lambda pair: pair[1].temperature):
        print(city, now.temperature, now.unit)
asyncio.run(main())
