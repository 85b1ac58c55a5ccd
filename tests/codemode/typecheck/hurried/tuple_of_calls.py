# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
a, b = w.get_weather(location="Oslo"), w.get_weather(location="Rome")
print("Oslo", a)
print("Rome", b)
