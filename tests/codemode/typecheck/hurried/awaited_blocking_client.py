# hint: leave out
from weather_sdk import weather
async def main():
    r = await weather.get_forecast(city="Oslo")
    print(r)
await main()
