# hint: await
from weather_sdk import AsyncWeather
async with AsyncWeather() as w:
    now = w.get_weather(location="Tromsø")
    print(f"""
    Været i Tromsø: {now!r}
    """)
