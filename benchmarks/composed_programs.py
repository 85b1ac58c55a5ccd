"""Correct programs for the check: every way to get results, with every way to use them.

Each way is another shape of program, not another wording. A way to get results leaves `forecasts`,
a dict of `Forecast` by city; a way to use them reads that.
"""

from __future__ import annotations

from collections.abc import Iterator

_GET = {
    "loop": """
from weather_sdk import weather
forecasts = {}
for city in ("Oslo", "Rome"):
    forecasts[city] = weather.get_forecast(city=city, days=3)
""",
    "comprehension": """
from weather_sdk import weather
forecasts = {city: weather.get_forecast(city=city) for city in ["Oslo", "Rome"]}
""",
    "function": """
from weather_sdk import weather
def fetch(city, days=3):
    return weather.get_forecast(city=city, days=days)
forecasts = dict(zip(("Oslo", "Rome"), map(fetch, ("Oslo", "Rome"))))
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
from weather_sdk import Weather
cities = ["Oslo", "Rome"]
with Weather() as client, ThreadPoolExecutor() as pool:
    found = pool.map(lambda city: client.get_forecast(city=city), cities)
    forecasts = dict(zip(cities, found))
""",
    "gather": """
import asyncio
from weather_sdk import AsyncWeather
async def fetch_all(cities):
    async with AsyncWeather() as c:
        found = await asyncio.gather(*[c.get_forecast(city=city) for city in cities])
    return dict(zip(cities, found))
forecasts = asyncio.run(fetch_all(["Oslo", "Rome"]))
""",
    "gathered pairs": """
import asyncio
from weather_sdk import AsyncWeather
async def one(c, city):
    return city, await c.get_forecast(city=city)
async with AsyncWeather() as c:
    forecasts = dict(await asyncio.gather(*(one(c, city) for city in ("Oslo", "Rome"))))
""",
    "task group": """
import asyncio
from weather_sdk import AsyncWeather
async with AsyncWeather() as c, asyncio.TaskGroup() as group:
    tasks = {city: group.create_task(c.get_forecast(city=city)) for city in ("Oslo", "Rome")}
forecasts = {city: task.result() for city, task in tasks.items()}
""",
    "class": """
from weather_sdk import weather
class Store:
    def __init__(self, client):
        self.client = client
        self.known = {}
    def get(self, city):
        if city not in self.known:
            self.known[city] = self.client.get_forecast(city=city)
        return self.known[city]
store = Store(weather)
forecasts = {city: store.get(city) for city in ("Oslo", "Rome", "Oslo")}
""",
    "generator": """
from weather_sdk import weather
def each(*cities):
    for city in cities:
        yield city, weather.get_forecast(city=city)
forecasts = dict(each("Oslo", "Rome"))
""",
    "errors": """
from mcp_sdkgen_runtime import SdkError
from weather_sdk import weather
forecasts, failed = {}, []
for city in ("Oslo", "Nowhere"):
    try:
        forecasts[city] = weather.get_forecast(city=city)
    except SdkError as error:
        failed.append((city, str(error)))
""",
    "retries": """
import time
from mcp_sdkgen_runtime import SessionError
from weather_sdk import weather
def patient(city, attempts=3):
    for attempt in range(attempts):
        try:
            return weather.get_forecast(city=city)
        except SessionError:
            if attempt == attempts - 1:
                raise
            time.sleep(0.01)
forecasts = {city: patient(city) for city in ("Oslo", "Rome")}
""",
    "queue": """
import asyncio
from weather_sdk import AsyncWeather
async def main(cities):
    waiting, results = list(cities), {}
    async def work(c):
        while waiting:
            city = waiting.pop()
            results[city] = await c.get_forecast(city=city)
    async with AsyncWeather() as c:
        await asyncio.gather(work(c), work(c))
    return results
forecasts = asyncio.run(main(["Oslo", "Rome"]))
""",
    "global": """
from weather_sdk import weather
forecasts = {}
def visit(city):
    global forecasts
    forecasts[city] = weather.get_forecast(city=city)
visit("Oslo")
visit("Rome")
""",
}  # fmt: skip

_USE = {
    "print": """
for city, forecast in forecasts.items():
    print(f"{city}: {forecast.days[0].high:.0f}", forecast.units)
""",
    "warmest": """
best = max(forecasts, key=lambda city: max(day.high for day in forecasts[city].days))
print(best, forecasts[best].days[0].date)
""",
    "json": """
import json
print(json.dumps({city: f.model_dump(mode="json") for city, f in forecasts.items()}, indent=2))
""",
    "records": """
rows = []
for city, forecast in forecasts.items():
    for day in forecast.days:
        rows.append({"city": city, "date": day.date, "high": day.high})
rows.sort(key=lambda row: (row["high"], row["city"]), reverse=True)
for row in rows[:3]:
    print(row["city"].ljust(8), row["date"], row["high"])
""",
    "none first": """
warmest = None
for forecast in forecasts.values():
    for day in forecast.days:
        if warmest is None or day.high > warmest.high:
            warmest = day
print(warmest.date if warmest else "nothing")
""",
    "counter": """
from collections import Counter
counts = Counter(day.condition for forecast in forecasts.values() for day in forecast.days)
for condition, number in counts.most_common():
    print(condition, number)
""",
    "grouped": """
from collections import defaultdict
by_date = defaultdict(dict)
for city, forecast in forecasts.items():
    for day in forecast.days:
        by_date[day.date][city] = day
for date, cities in sorted(by_date.items()):
    print(date, {city: day.low for city, day in cities.items()})
""",
    "dataclass": """
from dataclasses import dataclass
@dataclass(order=True)
class Summary:
    mean: float
    city: str
    @classmethod
    def of(cls, city, forecast):
        return cls(sum(day.high for day in forecast.days) / len(forecast.days), city)
print(sorted(Summary.of(city, forecast) for city, forecast in forecasts.items()))
""",
    "function": """
def wet(forecast, most=1.0):
    return [day.date for day in forecast.days if day.precip_mm > most]
print({city: dates for city, forecast in forecasts.items() if (dates := wet(forecast))})
""",
    "statistics": """
import statistics
values = [day.high - day.low for forecast in forecasts.values() for day in forecast.days]
print(f"{statistics.mean(values):.2f} {statistics.pstdev(values):.2f}" if values else "none")
""",
    "match": """
def word(day):
    match day.condition, day.high:
        case "sunny", high if high > 25:
            return "hot"
        case ("rainy" | "snowy") as kind, _:
            return kind
        case _:
            return "fair"
for city, forecast in forecasts.items():
    print(city, *map(word, forecast.days))
""",
    "dumped": """
data = {city: forecast.model_dump() for city, forecast in forecasts.items()}
for city, entry in data.items():
    print(city, entry["units"], [day["high"] for day in entry["days"]])
""",
}


def composed() -> Iterator[tuple[str, str]]:
    """(name, program) of every pair of a way to get results and a way to use them."""
    for got, get in _GET.items():
        for used, use in _USE.items():
            yield f"{got}, {used}", get.lstrip() + use.lstrip()
