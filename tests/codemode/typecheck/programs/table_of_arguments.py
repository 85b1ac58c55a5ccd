import sys
from weather_sdk import weather
args = sys.argv[1:]
city = args[0] if args else "Oslo"
days = int(args[1]) if len(args) > 1 else 3
forecast = weather.get_forecast(city=city, days=days)
table = [["date", "high", "low"]]
for d in forecast.days:
    table.append([d.date, f"{d.high}", f"{d.low}"])
widths = [max(len(str(row[i])) for row in table) for i in range(3)]
for row in table:
    print("  ".join(cell.ljust(w) for cell, w in zip(row, widths)))
