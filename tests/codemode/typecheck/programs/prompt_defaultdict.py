from collections import defaultdict
from weather_sdk import weather
by_severity = defaultdict(list)
for region in ("NO-03", "NO-11"):
    for alert in weather.list_alerts(region=region):
        by_severity[alert.severity].append(alert)
for severity, alerts in by_severity.items():
    print(severity, len(alerts), alerts[0].headline)
