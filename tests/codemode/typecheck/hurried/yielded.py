# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
def forecasts(cities):
    for city in cities:
        yield w.get_forecast(city=city)
for f in forecasts(["Oslo", "Rome"]):
    print(f)
