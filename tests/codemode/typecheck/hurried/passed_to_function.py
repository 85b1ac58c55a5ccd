# hint: await
from weather_sdk import AsyncWeather
def show(forecast):
    for day in forecast.days:
        print(day.date)
w = AsyncWeather()
show(w.get_forecast(city="Oslo"))
