from weather_sdk import AsyncWeather
async with AsyncWeather() as c:
    rows = [{"city": city, "call": c.get_weather(location=city)} for city in ("Oslo", "Rome")]
    for row in rows:
        now = await row["call"]
        print(row["city"], now)
