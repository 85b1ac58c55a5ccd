from functools import reduce
from weather_sdk import weather
days = weather.get_forecast(city="Oslo").days
print(reduce(lambda total, day: total + day.precip_mm, days, 0.0))
