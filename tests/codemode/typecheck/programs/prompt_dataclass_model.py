from dataclasses import dataclass, field
from weather_sdk import weather
from weather_sdk.types import Day
@dataclass
class Trip:
    city: str
    days: list[Day] = field(default_factory=list)
trip = Trip("Oslo", weather.get_forecast(city="Oslo").days)
print(trip.city, trip.days[0].high if trip.days else "none")
