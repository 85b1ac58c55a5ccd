from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weather_sdk import Weather
from weather_sdk.types import Day, Forecast


def days_of(client: Weather, cities: list[str]) -> Iterator[tuple[str, Day]]:
    for city in cities:
        forecast: Forecast = client.get_forecast(city=city)
        for day in forecast.days:
            yield city, day


def as_row(city: str, day: Day) -> dict[str, Any]:
    return {"city": city, "high": day.high, "condition": day.condition}


with Weather() as client:
    rows = [as_row(city, day) for city, day in days_of(client, ["Oslo", "Rome"])]
rows.sort(key=lambda row: row["high"])
print(rows[-1]["city"])
