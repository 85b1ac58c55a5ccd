from weather_sdk import weather
days = weather.get_forecast(city="Oslo", days=9).days
for start in range(len(days) - 2):
    window = days[start : start + 3]
    print(window[0].date, round(sum(d.high for d in window) / len(window), 1))
