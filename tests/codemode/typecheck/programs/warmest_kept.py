from weather_sdk import weather

best = None
where = None
for city in ["Oslo", "Paris"]:
    here = weather.get_weather(location=city)
    if best is None or here.temperature > best.temperature:
        best, where = here, city
print(best.location, where.upper())
