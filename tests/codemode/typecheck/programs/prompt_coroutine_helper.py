import asyncio
from weather_sdk import AsyncWeather
async def with_retry(make, attempts=3):
    for attempt in range(attempts):
        try:
            return await make()
        except Exception as error:
            last = error
            await asyncio.sleep(0.01 * attempt)
    raise last
async def main():
    async with AsyncWeather() as c:
        now = await with_retry(lambda: c.get_weather(location="Oslo"))
        print(now.temperature)
asyncio.run(main())
