from weather_sdk import weather
import json
report = {}
for city in ["Oslo", "Rome"]:
    forecast = weather.get_forecast(city=city)
    report[city] = {
        "max": max(d.high for d in forecast.days),
        "min": min(d.low for d in forecast.days),
        "days": [d.model_dump() for d in forecast.days],
        "conditions": list({d.condition for d in forecast.days}),
    }
    report[city]["range"] = report[city]["max"] - report[city]["min"]
hottest = max(report.items(), key=lambda kv: kv[1]["max"])
print(json.dumps({"hottest": hottest[0], "report": report}, indent=2))
