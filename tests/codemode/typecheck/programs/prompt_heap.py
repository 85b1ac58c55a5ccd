import heapq
from weather_sdk import weather
days = [(d.high, c, d.date) for c in ("Oslo", "Rome") for d in weather.get_forecast(city=c).days]
print(heapq.nlargest(3, days))
