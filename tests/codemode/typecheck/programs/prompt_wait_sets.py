import asyncio
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as c:
        tasks = {asyncio.create_task(c.get_weather(location=x)): x for x in ("Oslo", "Rome")}
        done, pending = await asyncio.wait(tasks, timeout=10)
        for task in done:
            print(tasks[task], task.result().temperature)
        print(f"{len(pending)} did not answer")
        for task in pending:
            task.cancel()
asyncio.run(main())
