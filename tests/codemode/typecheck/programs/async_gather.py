import asyncio

from weather_sdk import AsyncWeather


async def main():
    async with AsyncWeather() as weather:
        cities = ["Oslo", "Bergen", "Tromsø"]
        answers = await asyncio.gather(*(weather.get_weather(location=city) for city in cities))
        for city, answer in zip(cities, answers):
            print(city, answer.temperature, answer.unit)


asyncio.run(main())
