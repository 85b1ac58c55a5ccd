from typing import NamedTuple
from weather_sdk import weather
class Reading(NamedTuple):
    city: str
    temperature: float
readings = [Reading(c, weather.get_weather(location=c).temperature) for c in ("Oslo", "Rome")]
print(max(readings, key=lambda r: r.temperature).city)
