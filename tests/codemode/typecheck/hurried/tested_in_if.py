# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
if w.list_alerts(region="NO-03"):
    print("there are alerts")
