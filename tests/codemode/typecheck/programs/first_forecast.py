from weather_sdk import weather

print(weather.get_forecast(city="Oslo").days[0].high)
