from weather_sdk import weather
days = weather.get_forecast(city="Oslo").days
print(any(d.condition == "snowy" for d in days), all(d.high > d.low for d in days))
