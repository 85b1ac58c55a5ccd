import asyncio
from weather_sdk import AsyncWeather
async def fetch(client, city):
    try:
        return city, await client.get_weather(location=city)
    except Exception as exc:
        return city, exc
async def main():
    async with AsyncWeather() as client:
        results = await asyncio.gather(*[fetch(client, c) for c in ("Oslo", "Rome")])
    for city, res in results:
        if isinstance(res, Exception):
            print(city, "error", res)
        else:
            print(city, res.temperature)
    ok = {c: r for c, r in results if not isinstance(r, Exception)}
    print(len(ok), sum(r.temperature for r in ok.values()))
asyncio.run(main())
