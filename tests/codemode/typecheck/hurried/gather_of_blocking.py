# hint:
import asyncio
from weather_sdk import weather
async def main():
    rs = await asyncio.gather(*[weather.get_weather(location=c) for c in ("Oslo", "Rome")])
    print(rs)
await main()
