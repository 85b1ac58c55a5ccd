# hint: Day
from weather_sdk import weather
best = []
for city in ("Oslo", "Rome"):
    best.append({"city": city, "day": weather.get_forecast(city=city).days[0]})
for row in best:
    print(row["city"], row["day"].temperature)
