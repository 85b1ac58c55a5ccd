from enum import Enum
from weather_sdk import weather
class Unit(str, Enum):
    METRIC = "metric"
    IMPERIAL = "imperial"
UNITS = ("metric", "imperial")
for u in UNITS:
    f = weather.get_forecast(city="Oslo", days=1, units=u)
    print(u, f.days[0].high)
level = "severe" if len(UNITS) > 1 else "minor"
print(weather.list_alerts(region="NO-03", min_severity=level))
