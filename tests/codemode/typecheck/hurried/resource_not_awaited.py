# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
climate = w.resources.climate_of(city="Oslo")
print(f"{climate}")
