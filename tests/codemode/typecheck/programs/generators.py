import itertools

from weather_sdk import weather


def cold_days(cities, limit):
    for city in cities:
        for day in weather.get_forecast(city=city, days=10).days:
            if day.low < limit:
                yield city, day.date, day.low


for city, date, low in itertools.islice(cold_days(["Oslo", "Rome"], 0), 5):
    print(city, date, low)
