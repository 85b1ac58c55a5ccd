from statistics import mean, median, pstdev
from weather_sdk import weather
highs = [d.high for d in weather.get_forecast(city="Oslo", days=7).days]
print(round(mean(highs), 1), median(highs), round(pstdev(highs), 2))
