# hint: ["high"]
from weather_sdk import weather
data = weather.get_forecast(city="Oslo").model_dump()
for day in data["days"]:
    print(day.high)
