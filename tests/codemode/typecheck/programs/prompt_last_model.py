from weather_sdk import weather
weather.get_forecast(city="Oslo")
