# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
by_city = {c: w.get_weather(location=c) for c in ("Oslo", "Rome")}
for city, now in by_city.items():
    print(city, now)
