from weather_sdk import weather

cities = ["Oslo", "Austin, TX", "Paris, FR"]
warmest = {}
for city in cities:
    forecast = weather.get_forecast(city=city, days=3, units="metric")
    warmest[city] = max(day.high for day in forecast.days)
best = max(warmest, key=warmest.get)
print(f"{best}: {warmest[best]:.1f}")
