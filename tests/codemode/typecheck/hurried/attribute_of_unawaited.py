# hint: await
from weather_sdk import AsyncWeather
async with AsyncWeather() as w:
    print(w.get_forecast(city="Oslo").days[0].high)
