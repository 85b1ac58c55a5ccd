import asyncio
from weather_sdk import AsyncWeather
async def main():
    queue = asyncio.Queue()
    results = []
    for city in ("Oslo", "Rome", "Bonn"):
        queue.put_nowait(city)
    async def work(c):
        while not queue.empty():
            city = await queue.get()
            results.append((city, (await c.get_weather(location=city)).temperature))
            queue.task_done()
    async with AsyncWeather() as c:
        workers = [asyncio.create_task(work(c)) for _ in range(2)]
        await queue.join()
        for worker in workers:
            worker.cancel()
    print(sorted(results))
asyncio.run(main())
