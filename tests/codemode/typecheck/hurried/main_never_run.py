# hint: await
import asyncio
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as w:
        print(await w.get_weather(location="Oslo"))
result = main()
