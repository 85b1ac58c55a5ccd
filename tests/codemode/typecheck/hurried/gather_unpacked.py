# hint: await
import asyncio
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as w:
        oslo, rome = asyncio.gather(w.get_weather(location="Oslo"), w.get_weather(location="Rome"))
        print(oslo.temperature - rome.temperature)
asyncio.run(main())
