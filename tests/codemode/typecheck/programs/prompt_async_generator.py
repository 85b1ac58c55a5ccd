import asyncio
from weather_sdk import AsyncWeather
async def forecasts(cities):
    async with AsyncWeather() as c:
        for city in cities:
            yield city, await c.get_forecast(city=city)
async def main():
    async for city, forecast in forecasts(["Oslo", "Rome"]):
        print(city, max(day.high for day in forecast.days))
asyncio.run(main())
