from weather_sdk import weather

units = "imperial"
print(weather.get_forecast(city="Austin", units=units).days[0].high)
for severity in ["minor", "moderate", "severe"]:
    print(severity, len(weather.list_alerts(region="TX", min_severity=severity)))
scales = {"Austin": "fahrenheit", "Oslo": "celsius"}
for city, scale in scales.items():
    print(weather.get_weather(location=city, units=scale).temperature)


def forecast_in(city: str, units: str = None, days: int = None):
    return weather.get_forecast(city=city, units=units, days=days)


print(forecast_in("Oslo", "metric").days[0].low)
