from weather_sdk import Weather

with Weather() as client:
    now = client.get_weather(location="London", units="celsius")
    if now.temperature > 30 and now.unit == "celsius":
        print("hot", now.condition)
    else:
        print("fine")
