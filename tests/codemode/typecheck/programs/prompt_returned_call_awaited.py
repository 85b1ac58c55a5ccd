from weather_sdk import AsyncWeather
def ask(c, city):
    return c.get_weather(location=city)
async with AsyncWeather() as c:
    now = await ask(c, "Oslo")
    print(now.temperature)
