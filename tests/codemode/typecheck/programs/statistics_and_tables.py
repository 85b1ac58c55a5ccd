import csv
import io
import statistics
from datetime import datetime, timedelta

from weather_sdk import weather

forecast = weather.get_forecast(city="Oslo", days=10, units="metric")
highs = [day.high for day in forecast.days]
print(f"mean {statistics.mean(highs):.1f}, sd {statistics.pstdev(highs):.2f}")
table = io.StringIO()
writer = csv.writer(table)
writer.writerow(["date", "high", "low"])
writer.writerows([day.date, day.high, day.low] for day in forecast.days)
start = datetime.fromisoformat(forecast.days[0].date)
print(table.getvalue(), (start + timedelta(days=1)).strftime("%A"))
width = 20
for day in forecast.days:
    print(f"{day.date} {'#' * int(day.high)}".ljust(width))
