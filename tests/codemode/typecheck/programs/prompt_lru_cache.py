from functools import lru_cache
from weather_sdk import weather
@lru_cache(maxsize=None)
def now(city):
    return weather.get_weather(location=city)
print(now("Oslo").temperature, now("Oslo").condition, now.cache_info().hits)
