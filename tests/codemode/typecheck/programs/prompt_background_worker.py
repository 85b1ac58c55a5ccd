import asyncio
from weather_sdk import AsyncWeather
async def tick(seen):
    while True:
        seen.append(len(seen))
        await asyncio.sleep(0.01)
async def main():
    seen = []
    asyncio.create_task(tick(seen))
    async with AsyncWeather() as c:
        now = await c.get_weather(location="Oslo")
    print(now.temperature, len(seen) >= 0)
asyncio.run(main())
