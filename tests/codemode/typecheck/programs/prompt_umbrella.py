from weather_sdk import weather
wet = [d for d in weather.get_forecast(city="Bergen", days=5).days if d.condition in ("rainy", "snowy")]
print("take an umbrella" if wet else "no umbrella", len(wet))
