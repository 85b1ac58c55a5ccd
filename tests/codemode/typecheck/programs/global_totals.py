from weather_sdk import weather
total = 0
count = 0
def visit(city):
    global total, count
    for d in weather.get_forecast(city=city).days:
        total += d.precip_mm
        count += 1
visit("Oslo"); visit("Rome")
print(total / count if count else 0)
def outer():
    best = None
    def see(day):
        nonlocal best
        if best is None or day.high > best.high:
            best = day
    for d in weather.get_forecast(city="Oslo").days:
        see(d)
    return best
b = outer()
print(b.high if b else None)
