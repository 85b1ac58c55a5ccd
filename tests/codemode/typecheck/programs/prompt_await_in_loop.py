from weather_sdk import AsyncWeather
async def main():
    total = 0.0
    async with AsyncWeather() as c:
        for city in ["Oslo", "Rome"]:
            total += (await c.get_weather(location=city)).temperature
    return total / 2
print(await main())
