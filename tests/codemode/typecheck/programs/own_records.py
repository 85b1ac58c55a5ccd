from weather_sdk import weather

rows = []
for city in ["Oslo", "Rome"]:
    now = weather.get_weather(location=city)
    rows.append({"city": city, "temperature": now.temperature, "unit": now.unit})
rows.append({"city": "nowhere", "temperature": None, "unit": "celsius"})
known = [row for row in rows if row["temperature"] is not None]
known.sort(key=lambda row: row["temperature"])
print(sum(row["temperature"] for row in known) / len(known))
for row in known:
    print(row["city"].upper(), round(row["temperature"], 1))
    row["seen"] = True
totals = {"count": 0, "sum": 0}
for row in known:
    totals["count"] += 1
    totals["sum"] += row["temperature"]
totals["mean"] = totals["sum"] / totals["count"]
totals["label"] = "mean temperature"
print(totals)
