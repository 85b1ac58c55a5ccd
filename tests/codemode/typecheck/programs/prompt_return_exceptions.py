import asyncio
from weather_sdk import AsyncWeather
async def main():
    cities = ["Oslo", "Nowhere"]
    async with AsyncWeather() as c:
        results = await asyncio.gather(*(c.get_forecast(city=x) for x in cities), return_exceptions=True)
    for city, result in zip(cities, results):
        if isinstance(result, BaseException):
            print(city, "failed:", result)
        else:
            print(city, result.days[0].high)
asyncio.run(main())
