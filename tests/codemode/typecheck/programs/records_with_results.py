from weather_sdk import weather
cities = ["Oslo", "Rome", "Paris"]
data = [{"city": c, "w": weather.get_weather(location=c)} for c in cities]
data.sort(key=lambda d: d["w"].temperature, reverse=True)
for i, d in enumerate(data, start=1):
    print(i, d["city"], d["w"].temperature)
top = data[0]
print(top["city"].upper(), top["w"].condition)
