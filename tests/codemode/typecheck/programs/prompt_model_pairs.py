from weather_sdk import weather
now = weather.get_weather(location="Oslo")
for name, value in now:
    print(f"{name}: {value}")
