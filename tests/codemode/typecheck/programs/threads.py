from concurrent.futures import ThreadPoolExecutor, as_completed

from weather_sdk import weather

cities = ["Oslo", "Rome", "Cairo", "Lima"]
with ThreadPoolExecutor(max_workers=4) as pool:
    futures = {pool.submit(weather.get_weather, location=city): city for city in cities}
    for future in as_completed(futures):
        try:
            print(futures[future], future.result().temperature)
        except Exception as error:
            print(futures[future], "failed", error)
