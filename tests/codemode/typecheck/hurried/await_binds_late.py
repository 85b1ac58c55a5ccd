# hint: await
from weather_sdk import AsyncWeather
async with AsyncWeather() as w:
    high = await w.get_forecast(city="Oslo").days[0].high
    print(high)
