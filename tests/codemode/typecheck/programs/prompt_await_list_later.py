from weather_sdk import AsyncWeather
async with AsyncWeather() as c:
    waiting = []
    for city in ("Oslo", "Rome"):
        waiting.append(c.get_forecast(city=city))
    for call in waiting:
        forecast = await call
        print(forecast.city, len(forecast.days))
