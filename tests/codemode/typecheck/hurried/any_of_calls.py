# hint: await
from weather_sdk import AsyncWeather
regions = ["NO-03", "NO-11"]
async with AsyncWeather() as w:
    print(any(w.list_alerts(region=r) for r in regions))
