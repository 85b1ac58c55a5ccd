from weather_sdk import weather
quick = weather.with_options(timeout_s=5, retries=2)
print(quick.get_weather(location="Oslo").condition)
