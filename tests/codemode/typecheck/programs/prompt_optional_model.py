from weather_sdk import weather
from mcp_sdkgen_runtime import SdkError
result = None
try:
    result = weather.get_forecast(city="Oslo")
except SdkError as error:
    print("no forecast:", error)
if result:
    print(result.days[0].condition)
