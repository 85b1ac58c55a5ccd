# hint: async with
from weather_sdk import AsyncWeather
with AsyncWeather() as w:
    print(w)
