from weather_sdk import weather
state = {"hot": 0, "cold": 0, "cities": []}
for c in ["Oslo", "Rome"]:
    t = weather.get_weather(location=c).temperature
    key = "hot" if t > 20 else "cold"
    state[key] += 1
    state["cities"].append(c)
print(state)
