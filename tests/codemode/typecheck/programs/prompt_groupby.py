from itertools import groupby
from weather_sdk import weather
days = sorted(weather.get_forecast(city="Oslo", days=7).days, key=lambda d: d.condition)
for condition, group in groupby(days, key=lambda d: d.condition):
    print(condition, [day.date for day in group])
