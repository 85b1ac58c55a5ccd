from typing import Optional

from weather_sdk import weather
from weather_sdk.types import Day


def first_dry(days: list[Day]) -> Optional[Day]:
    for day in days:
        if day.precip_mm < 0.1:
            return day


dry = first_dry(weather.get_forecast(city="Oslo").days)
print(dry.date if dry is not None else "none")
coldest = None
for day in weather.get_forecast(city="Rome").days:
    if coldest is None or day.low < coldest.low:
        coldest = day
if coldest:
    print(coldest.date, coldest.low)
