from weather_sdk import weather
result = weather.get_forecast(city="Oslo")
data = result if isinstance(result, dict) else result.model_dump()
print(data["city"])
