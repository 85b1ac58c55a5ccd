# hint: await
from weather_sdk import AsyncWeather
async def warmest(w, cities):
    temps = {c: (await w.get_weather(location=c)).temperature for c in cities}
    return max(temps, key=temps.get)
async def main():
    async with AsyncWeather() as w:
        print("Warmest:", warmest(w, ["Oslo", "Rome"]))
await main()
