import asyncio
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as c:
        for done in asyncio.as_completed([c.get_weather(location=x) for x in ("Oslo", "Rome")]):
            now = await done
            print(now.location, now.temperature)
asyncio.run(main())
