import csv, io
from weather_sdk import weather
rows = [d.model_dump() for d in weather.get_forecast(city="Rome").days]
out = io.StringIO()
writer = csv.DictWriter(out, fieldnames=list(rows[0]))
writer.writeheader()
writer.writerows(rows)
print(out.getvalue())
