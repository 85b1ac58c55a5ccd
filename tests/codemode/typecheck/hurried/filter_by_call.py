# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
regions = ["NO-03", "NO-11"]
print([r for r in regions if w.list_alerts(region=r)])
