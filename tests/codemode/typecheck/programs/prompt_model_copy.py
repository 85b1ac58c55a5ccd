from weather_sdk import weather
now = weather.get_weather(location="Oslo")
shifted = now.model_copy(update={"temperature": now.temperature + 1})
print(shifted.temperature)
