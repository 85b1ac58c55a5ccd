from weather_sdk import weather
if (now := weather.get_weather(location="Oslo")).temperature < 0:
    print("freezing", now.temperature)
elif now.condition == "rainy":
    print("wet")
