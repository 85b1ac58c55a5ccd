# hint: await
import asyncio
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as w:
        tasks = [asyncio.create_task(w.get_weather(location=c)) for c in ("Oslo", "Rome")]
        for task in tasks:
            print(task)
asyncio.run(main())
