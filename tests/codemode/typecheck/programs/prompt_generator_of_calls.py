import asyncio
from weather_sdk import AsyncWeather
def calls(c, cities):
    for city in cities:
        yield c.get_weather(location=city)
async def main():
    async with AsyncWeather() as c:
        for now in await asyncio.gather(*calls(c, ["Oslo", "Rome"])):
            print(now.location, now.temperature)
asyncio.run(main())
