# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
cities = ["Oslo", "Rome"]
print(list(map(lambda c: w.get_weather(location=c), cities)))
