import functools
from weather_sdk import weather
from mcp_sdkgen_runtime import SdkError
def quiet(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except SdkError:
            return None
    return wrapper
@quiet
def high(city):
    return weather.get_forecast(city=city).days[0].high
print([h for h in map(high, ["Oslo", "Nowhere"]) if h is not None])
