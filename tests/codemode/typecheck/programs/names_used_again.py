import json

from everything_sdk import everything
from weather_sdk import weather

data = weather.get_weather(location="Oslo")
print(data.temperature)
data = everything.get_env().json()
print(sorted(data)[:3])
data = [day.high for day in weather.get_forecast(city="Oslo").days]
print(max(data))
result = None
for attempt in range(3):
    try:
        result = weather.list_alerts(region="NO-03")
        break
    except Exception as e:
        print(f"attempt {attempt}: {e}")
if result is not None:
    result = json.dumps([alert.model_dump() for alert in result])
print(result)
