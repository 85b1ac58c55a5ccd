from weather_sdk import weather
options = {"city": "Oslo", "days": 2}
print(weather.get_forecast(**options).days[-1].date)
