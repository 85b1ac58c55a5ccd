import asyncio
from weather_sdk import AsyncWeather
async def main():
    c = AsyncWeather()
    try:
        return (await c.get_forecast(city="Oslo")).days
    finally:
        await c.aclose()
loop = asyncio.new_event_loop()
days = loop.run_until_complete(main())
loop.close()
print(len(days))
