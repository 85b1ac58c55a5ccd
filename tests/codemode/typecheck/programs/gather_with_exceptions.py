import asyncio

from mcp_sdkgen_runtime import SdkError
from weather_sdk import AsyncWeather


async def look(weather, city):
    return await weather.get_weather(location=city)


async def main() -> None:
    async with AsyncWeather() as weather:
        tasks = [weather.get_weather(location=city) for city in ["Oslo", "Atlantis"]]
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, SdkError):
                print("failed:", result)
            elif isinstance(result, Exception):
                raise result
            else:
                print(result.temperature)
        print((await look(weather, "Rome")).condition)


asyncio.run(main())
