from weather_sdk import weather
data = weather.get_forecast(city="Oslo").model_dump()
print(data["city"], len(data["days"]), data["days"][0]["high"], data.get("units", "?").upper())
