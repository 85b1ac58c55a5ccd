from weather_sdk import weather
climate = weather.resources.climate_of(city="Oslo")
print(climate.text[:100], climate.json())
