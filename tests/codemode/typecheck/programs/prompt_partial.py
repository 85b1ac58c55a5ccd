from functools import partial
from weather_sdk import weather
week = partial(weather.get_forecast, days=7, units="metric")
print(len(week(city="Oslo").days))
