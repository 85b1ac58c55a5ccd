from weather_sdk import weather
now = weather.get_weather(location="Oslo")
if now.model_dump() == {"location": "Oslo", "temperature": 1.0}:
    print("as before")
