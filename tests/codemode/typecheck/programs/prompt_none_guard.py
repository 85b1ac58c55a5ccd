from weather_sdk import weather
from mcp_sdkgen_runtime import ToolError
def temperature(city):
    try:
        now = weather.get_weather(location=city)
    except ToolError:
        return None
    return now.temperature
found = {c: temperature(c) for c in ("Oslo", "Nowhere")}
print({c: t for c, t in found.items() if t is not None})
