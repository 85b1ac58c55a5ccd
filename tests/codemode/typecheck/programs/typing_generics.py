from typing import Dict, List, Tuple
from weather_sdk import Weather
def collect(cities: List[str]) -> Dict[str, Tuple[float, float]]:
    out: Dict[str, Tuple[float, float]] = {}
    with Weather() as w:
        for c in cities:
            days = w.get_forecast(city=c).days
            out[c] = (min(d.low for d in days), max(d.high for d in days))
    return out
for c, (lo, hi) in collect(["Oslo"]).items():
    print(f"{c:<10}{lo:>6.1f}{hi:>6.1f}")
