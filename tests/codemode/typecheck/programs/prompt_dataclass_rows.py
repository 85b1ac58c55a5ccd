from dataclasses import asdict, dataclass
import json
from weather_sdk import weather
@dataclass
class Row:
    city: str
    high: float
rows = [Row(c, weather.get_forecast(city=c).days[0].high) for c in ("Oslo", "Rome")]
print(json.dumps([asdict(row) for row in rows]))
