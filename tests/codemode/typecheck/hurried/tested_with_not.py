# hint: await
from weather_sdk import AsyncWeather
async with AsyncWeather() as w:
    alerts = w.list_alerts(region="NO-03")
    if not alerts:
        print("all clear")
    else:
        print("alerts")
