from functools import reduce
from itertools import groupby, chain
from weather_sdk import weather
days = list(chain.from_iterable(weather.get_forecast(city=c).days for c in ("Oslo", "Rome")))
days.sort(key=lambda d: d.condition)
for cond, grp in groupby(days, key=lambda d: d.condition):
    grp = list(grp)
    print(cond, len(grp), reduce(lambda a, d: a + d.precip_mm, grp, 0))
