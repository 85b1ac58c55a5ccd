import asyncio
from weather_sdk import AsyncWeather
async def main(deep=True):
    async with AsyncWeather() as c:
        extra = c.list_alerts(region="NO-03") if deep else None
        now = await c.get_weather(location="Oslo")
        alerts = await extra if extra is not None else []
        print(now.temperature, len(alerts))
asyncio.run(main())
