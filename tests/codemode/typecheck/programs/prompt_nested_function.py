from weather_sdk import weather
def compare(first, second):
    def spread(forecast):
        return max(d.high for d in forecast.days) - min(d.low for d in forecast.days)
    a, b = (weather.get_forecast(city=c) for c in (first, second))
    return first if spread(a) > spread(b) else second
print(compare("Oslo", "Rome"))
