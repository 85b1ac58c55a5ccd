import json
from datetime import date

from weather_sdk import weather

forecast = weather.get_forecast(city="Oslo", days=2)
summary = {"city": forecast.city, "units": forecast.units, "days": []}
for day in forecast.days:
    summary["days"].append({"date": day.date, "high": day.high, "wet": day.precip_mm > 0.5})
summary["made"] = date.today().isoformat()
summary["count"] = len(forecast.days)
print(json.dumps(summary, indent=2, default=str))
print(forecast.model_dump_json(indent=2))
