from collections import Counter, defaultdict

from weather_sdk import weather

conditions = Counter()
rain = defaultdict(float)
by_condition = defaultdict(list)
for city in ("Oslo", "Rome"):
    for day in weather.get_forecast(city=city).days:
        conditions[day.condition] += 1
        rain[city] += day.precip_mm
        by_condition[day.condition].append((city, day.date))
for condition, count in conditions.most_common(2):
    print(condition, count, by_condition[condition][0])
total = 0
for amount in rain.values():
    total += amount
print(total)
