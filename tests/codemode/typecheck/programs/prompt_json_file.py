import json
from pathlib import Path
from weather_sdk import weather
rows = [d.model_dump() for d in weather.get_forecast(city="Oslo").days]
with open("days.json", "w") as file:
    json.dump(rows, file)
print(Path("days.json").stat().st_size)
