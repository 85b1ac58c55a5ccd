# hint: always true
from weather_sdk import weather
if weather.get_forecast(city="Nowhere"):
    print("there is such a city")
