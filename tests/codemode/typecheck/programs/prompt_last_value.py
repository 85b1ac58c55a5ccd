from weather_sdk import weather
{city: weather.get_weather(location=city).temperature for city in ("Oslo", "Rome")}
