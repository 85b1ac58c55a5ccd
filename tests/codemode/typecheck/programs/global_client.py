import asyncio
from weather_sdk import AsyncWeather
client = None
async def setup():
    global client
    client = AsyncWeather()
async def run(city):
    f = await client.get_forecast(city=city)
    return f.days[0].high
async def main():
    await setup()
    async with client:
        print(await run("Oslo"))
asyncio.run(main())
