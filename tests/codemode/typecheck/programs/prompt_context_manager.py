from weather_sdk import Weather
with Weather() as client:
    readings = [client.get_weather(location=c, units="celsius") for c in ("Oslo", "Rome")]
print(max(r.temperature for r in readings))
