from weather_sdk import Weather, weather
from weather_sdk.types import Day, Forecast
def good(day: Day, least: float = 15.0) -> bool:
    return day.high >= least and day.precip_mm < 1
def best(client: Weather, cities: list[str]) -> Forecast | None:
    forecasts = [client.get_forecast(city=city) for city in cities]
    return max(forecasts, key=lambda f: sum(map(good, f.days)), default=None)
found = best(weather, ["Oslo", "Rome"])
print(found.city if found else "none")
