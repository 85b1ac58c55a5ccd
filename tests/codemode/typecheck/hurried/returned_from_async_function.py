# hint: await
from weather_sdk import AsyncWeather
async def fetch(city):
    async with AsyncWeather() as w:
        return w.get_forecast(city=city)
async def main():
    forecast = await fetch("Oslo")
    print(forecast)
await main()
