from operator import attrgetter
from weather_sdk import weather
days = weather.get_forecast(city="Oslo", days=10).days
print(max(days, key=attrgetter("high")).date, min(days, key=lambda d: d.low).date)
