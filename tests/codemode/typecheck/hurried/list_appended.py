# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
results = []
for city in ["Oslo", "Rome"]:
    results.append(w.get_forecast(city=city))
print(len(results), "cities")
