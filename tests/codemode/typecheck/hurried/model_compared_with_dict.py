# hint: Forecast
from weather_sdk import weather
if weather.get_forecast(city="Oslo") == {"city": "Oslo"}:
    print("same")
