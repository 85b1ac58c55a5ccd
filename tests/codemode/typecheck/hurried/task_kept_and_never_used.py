# hint: await
import asyncio
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as w:
        task = asyncio.create_task(w.get_weather(location="Oslo"))
        await asyncio.sleep(0)
asyncio.run(main())
