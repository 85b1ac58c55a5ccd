from weather_sdk import weather
first, *rest = weather.get_forecast(city="Oslo", days=3).days
print(first.date, [day.date for day in rest])
