from itertools import pairwise
from weather_sdk import weather
for before, after in pairwise(weather.get_forecast(city="Oslo", days=5).days):
    print(after.date, f"{after.high - before.high:+.1f}")
