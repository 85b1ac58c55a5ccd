from dataclasses import dataclass, asdict
from typing import Optional
from weather_sdk import weather
@dataclass
class Row:
    city: str
    temp: Optional[float] = None
    error: str = None
    tags: list[str] = None
rows = []
for c in ["Oslo", "Rome"]:
    row = Row(c)
    try:
        row.temp = weather.get_weather(location=c).temperature
    except Exception as e:
        row.error = str(e)
    rows.append(row)
temps = [r.temp for r in rows if r.temp is not None]
print(sum(temps) / len(temps) if temps else "none", [asdict(r) for r in rows])
