from weather_sdk import AsyncWeather

async with AsyncWeather() as weather:
    forecast = await weather.get_forecast(city="Oslo", days=5)
    rainy = [day.date for day in forecast.days if day.condition == "rainy"]
    temperatures = [(await weather.get_weather(location=c)).temperature for c in ("Oslo", "Rome")]
print(rainy, sum(temperatures) / len(temperatures))
