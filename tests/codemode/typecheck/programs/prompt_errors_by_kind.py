from weather_sdk import weather
from mcp_sdkgen_runtime import ArgumentsError, CallRefused, SdkError, SessionError, ToolError
try:
    print(weather.report_observation(station="01492", celsius=3.5).text)
except ArgumentsError as error:
    print("put right:", error)
except ToolError as error:
    print("failed:", error.text)
except CallRefused:
    print("not allowed")
except SessionError as error:
    print("no answer", error.ran)
except SdkError as error:
    print(type(error).__name__, error)
