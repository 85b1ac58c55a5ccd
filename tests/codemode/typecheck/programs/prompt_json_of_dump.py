import json
from weather_sdk import weather
result = weather.get_forecast(city="Oslo")
print(json.dumps(result.model_dump(mode="json"), indent=2))
