from weather_sdk import weather


def spread(day):
    return day.high - day.low


def report(city, days=3, units="metric"):
    forecast = weather.get_forecast(city=city, days=days, units=units)
    spreads = [spread(day) for day in forecast.days]
    return {"city": forecast.city, "mean": sum(spreads) / len(spreads), "all": spreads}


for line in (report("Oslo"), report("Rome", days=2, units="imperial")):
    print(line["city"], round(line["mean"], 1), line["all"][0])
