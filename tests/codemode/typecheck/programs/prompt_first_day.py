from weather_sdk import weather
forecast = weather.get_forecast(city="Bergen", days=1)
day = forecast.days[0]
print(day.date, day.condition, f"{day.low}..{day.high}")
