from weather_sdk import weather
for name, value in weather.get_weather(location="Oslo").model_dump().items():
    print(name, "=", value)
