# hint: await
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as w:
        forecast = w.get_forecast(city="Oslo")
        print("Forecast:", forecast)
await main()
