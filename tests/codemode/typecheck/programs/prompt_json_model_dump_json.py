from weather_sdk import weather
print(weather.get_weather(location="Oslo").model_dump_json(indent=1))
