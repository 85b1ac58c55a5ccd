# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
def main():
    return w.get_forecast(city="Oslo")
print(main())
