# hint: await
import asyncio
from weather_sdk import AsyncWeather
async def summary(w, city):
    return {"city": city, "now": w.get_weather(location=city)}
async def main():
    async with AsyncWeather() as w:
        rows = await asyncio.gather(*(summary(w, c) for c in ("Oslo", "Rome")))
    for row in rows:
        print(row)
asyncio.run(main())
