import csv
from weather_sdk import weather
with open("days.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["date", "high", "low"])
    for day in weather.get_forecast(city="Oslo", days=4).days:
        writer.writerow([day.date, day.high, day.low])
print(open("days.csv").read())
