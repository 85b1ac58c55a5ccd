from weather_sdk import weather
for pair in weather.get_weather(location="Oslo"):
    print(pair[0], pair[1])
