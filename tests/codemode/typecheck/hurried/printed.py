# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
print(w.get_forecast(city="Oslo"))
