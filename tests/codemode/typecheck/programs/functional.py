from functools import lru_cache, partial, reduce
from operator import attrgetter

from weather_sdk import weather


@lru_cache(maxsize=None)
def highs(city):
    return tuple(map(attrgetter("high"), weather.get_forecast(city=city).days))


metric = partial(weather.get_forecast, units="metric")
first = metric(city="Oslo").days[0]
print(reduce(max, highs("Oslo")), first.high, *sorted(highs("Rome"))[-2:])
print(next((day.date for day in metric(city="Rome").days if day.precip_mm == 0), None))
