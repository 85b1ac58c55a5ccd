from weather_sdk import weather
conditions = [{d.condition for d in weather.get_forecast(city=c).days} for c in ("Oslo", "Rome")]
print(sorted(conditions[0] & conditions[1]), sorted(set.union(*conditions)))
