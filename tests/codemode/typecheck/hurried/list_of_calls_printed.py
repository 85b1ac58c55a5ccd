# hint: asyncio.gather
from weather_sdk import AsyncWeather
w = AsyncWeather()
found = [w.get_forecast(city=c) for c in ("Oslo", "Rome")]
print(f"got {found}")
