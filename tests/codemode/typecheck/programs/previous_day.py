from weather_sdk import weather
prev = None
changes = []
for d in weather.get_forecast(city="Oslo", days=10).days:
    if prev is not None:
        changes.append(d.high - prev.high)
    prev = d
print(max(changes, default=0), [round(c, 1) for c in changes])
x, *rest = sorted(changes)
print(x, rest)
