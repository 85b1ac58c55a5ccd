# hint: model_dump
import json
from weather_sdk import weather
rows = []
for city in ("Oslo", "Rome"):
    rows.append({"city": city, "days": weather.get_forecast(city=city).days})
with open("rows.json", "w") as f:
    json.dump(rows, f)
