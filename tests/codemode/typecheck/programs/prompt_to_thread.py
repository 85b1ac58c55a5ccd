import asyncio
from weather_sdk import weather
async def main():
    nows = await asyncio.gather(*[asyncio.to_thread(weather.get_weather, location=c) for c in ("Oslo", "Rome")])
    print([now.temperature for now in nows])
asyncio.run(main())
