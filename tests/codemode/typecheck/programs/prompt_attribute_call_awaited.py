import asyncio
from weather_sdk import AsyncWeather
class Job:
    def __init__(self, c, city):
        self.city = city
        self.call = c.get_weather(location=city)
    async def run(self):
        now = await self.call
        return f"{self.city}: {now.temperature}"
async def main():
    async with AsyncWeather() as c:
        jobs = [Job(c, city) for city in ("Oslo", "Rome")]
        print(await asyncio.gather(*(job.run() for job in jobs)))
asyncio.run(main())
