from weather_sdk import weather
for units in ("metric", "imperial"):
    forecast = weather.get_forecast(city="Oslo", units=units, days=1)
    print(units, forecast.days[0].high, forecast.units)
