from weather_sdk import weather
ask = weather.get_forecast
print([ask(city=city, days=1).days[0].high for city in ("Oslo", "Rome")])
