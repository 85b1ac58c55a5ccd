from weather_sdk import weather
def c_to_f(c): return c * 9 / 5 + 32
def fmt(day, unit="C"):
    hi = c_to_f(day.high) if unit == "F" else day.high
    return f"{day.date}: {hi:.0f}°{unit} {day.condition}"
print("\n".join(fmt(d) for d in weather.get_forecast(city="Oslo").days))
print("\n".join(map(fmt, weather.get_forecast(city="Oslo").days)))
