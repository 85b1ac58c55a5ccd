from weather_sdk import AsyncWeather
async with AsyncWeather() as c:
    temps = {city: (await c.get_weather(location=city)).temperature for city in ("Oslo", "Rome")}
print(max(temps, key=lambda city: temps[city]))
