import json
from weather_sdk import weather
days = weather.get_forecast(city="Oslo").days
print(json.dumps({d.date: {"high": d.high, "low": d.low} for d in days}, sort_keys=True))
