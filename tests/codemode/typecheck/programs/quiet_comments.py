# -*- coding: utf-8 -*-
"""A program with a docstring, comments of every kind and an odd layout."""
from weather_sdk import weather  # the SDK
# mypy: ignore-errors
x = weather.get_weather(
    location="Oslo",  # where
    units=None,
); print(x.temperature, x.condition); days = weather.get_forecast(city="a").days  # type: ignore
print([
    day.high
    for day in days  # all of them
    if not day.precip_mm
])
[print(day.date) for day in days]
