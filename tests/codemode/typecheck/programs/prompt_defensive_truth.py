from weather_sdk import weather
forecast = weather.get_forecast(city="Oslo")
if forecast and forecast.days:
    print(forecast.days[0].high)
else:
    print("nothing")
