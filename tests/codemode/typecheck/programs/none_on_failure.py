from weather_sdk import weather
from mcp_sdkgen_runtime import ToolError
def safe_weather(city):
    try:
        return weather.get_weather(location=city)
    except ToolError:
        return None
found = [w for w in map(safe_weather, ["Oslo", "Nowhere"]) if w]
print([w.location for w in found])
for c in ("a", "b"):
    w = safe_weather(c)
    if w is None:
        continue
    print(w.temperature)
