import asyncio
from weather_sdk import AsyncWeather
async with AsyncWeather() as c:
    oslo, rome = await asyncio.gather(c.get_weather(location="Oslo"), c.get_weather(location="Rome"))
print(oslo.temperature - rome.temperature)
