import asyncio
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as c, asyncio.TaskGroup() as group:
        tasks = [group.create_task(c.get_weather(location=city)) for city in ("Oslo", "Rome")]
    print([task.result().temperature for task in tasks])
asyncio.run(main())
