from weather_sdk import weather
rows = [(d.date, d.condition, f"{d.high:.1f}") for d in weather.get_forecast(city="Oslo").days]
widths = [max(len(row[i]) for row in rows) for i in range(3)]
for row in rows:
    print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)))
