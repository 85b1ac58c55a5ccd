import asyncio
from weather_sdk import AsyncWeather
found = {}
async def look(c, city):
    found[city] = await c.get_weather(location=city)
async def main():
    async with AsyncWeather() as c:
        async with asyncio.TaskGroup() as group:
            for city in ("Oslo", "Rome"):
                group.create_task(look(c, city))
    for city, now in found.items():
        print(city, now.condition)
await main()
