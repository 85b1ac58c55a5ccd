from weather_sdk import weather
a = weather.get_weather(location="Oslo")
b = weather.get_weather(location="Oslo")
print("stable" if a == b else "changing")
