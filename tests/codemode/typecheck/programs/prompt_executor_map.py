from concurrent.futures import ThreadPoolExecutor
from weather_sdk import weather
cities = ["Oslo", "Rome", "Bonn"]
def look(city):
    return weather.get_weather(location=city)
with ThreadPoolExecutor(max_workers=3) as pool:
    for city, now in zip(cities, pool.map(look, cities)):
        print(f"{city:<6}{now.temperature:>6.1f}")
