import asyncio
from everything_sdk import AsyncEverything
from weather_sdk import AsyncWeather
async def main():
    async with AsyncWeather() as w, AsyncEverything() as e:
        now, answer = await asyncio.gather(w.get_weather(location="Oslo"), e.echo(message="hi"))
    print(now.temperature, answer.text)
asyncio.run(main())
