import asyncio
from everything_sdk import AsyncEverything
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as w, AsyncEverything() as e:
        now, total = await asyncio.gather(w.get_weather(location="Oslo"), e.get_sum(a=1, b=2))
        print(now.temperature, total.text)
        tasks = {c: asyncio.create_task(w.get_forecast(city=c)) for c in ("Oslo", "Rome")}
        for c, t in tasks.items():
            f = await t
            print(c, f.days[0].condition)
        for coro in asyncio.as_completed([w.get_weather(location="A"), w.get_weather(location="B")]):
            r = await coro
            print(r.location)
await main()
