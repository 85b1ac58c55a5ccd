from weather_sdk import weather
day = weather.get_forecast(city="Oslo").days[0]
for name in ("high", "low", "precip_mm"):
    print(name, getattr(day, name))
