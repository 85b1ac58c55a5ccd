import sys

from mcp_sdkgen_runtime import ArgumentsError, CallTimeout, SdkError, ToolError
from weather_sdk import weather

try:
    alerts = weather.list_alerts(region="NO-03", min_severity="moderate")
except ToolError as error:
    print("the tool failed:", error, file=sys.stderr)
    alerts = []
except (ArgumentsError, CallTimeout) as error:
    print(type(error).__name__, error.ran)
    alerts = []
except SdkError:
    raise
else:
    print(f"{len(alerts)} alerts")
finally:
    print("done")
for alert in alerts:
    print(alert.severity, alert.headline, alert.until)
