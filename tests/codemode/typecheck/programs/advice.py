from weather_sdk import weather
w = weather.get_weather(location="Oslo")
unit = {"celsius": "C", "fahrenheit": "F"}[w.unit]
msg = "It is {:.1f}{} and {}".format(w.temperature, unit, w.condition)
print(msg)
advice = []
if w.condition in ("rainy", "snowy"): advice.append("umbrella")
if (w.unit == "celsius" and w.temperature < 5) or (w.unit == "fahrenheit" and w.temperature < 41):
    advice.append("coat")
print(", ".join(advice) or "nothing")
assert isinstance(w.temperature, float), "odd"
try:
    extra = w.model_extra or {}
    print(extra.get("wind"))
except AttributeError:
    pass
