from weather_sdk import weather
from collections import namedtuple
Row = namedtuple("Row", ["city", "temp"])
rows = [Row(c, weather.get_weather(location=c).temperature) for c in ("Oslo", "Rome")]
best = max(rows, key=lambda r: r.temp)
print(best.city, best.temp, best._asdict())
