# hint: await
from weather_sdk import AsyncWeather
def show(name, value):
    print(f"{name}: {value}")
w = AsyncWeather()
show("Oslo", w.get_weather(location="Oslo"))
