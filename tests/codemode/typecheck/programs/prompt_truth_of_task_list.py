import asyncio
from weather_sdk import AsyncWeather
async def main(cities):
    async with AsyncWeather() as c:
        tasks = [asyncio.create_task(c.get_weather(location=city)) for city in cities]
        if not tasks:
            return []
        print(f"{len(tasks)} requests")
        while tasks:
            done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            tasks = list(rest)
            for task in done:
                print(task.result().location)
    return cities
print(asyncio.run(main(["Oslo", "Rome"])))
