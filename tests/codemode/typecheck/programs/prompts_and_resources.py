from weather_sdk import weather

print(weather.prompts.packing_list(city="Oslo", days="3").text)
print(weather.resources.climate_of(city="Oslo").text[:80])
