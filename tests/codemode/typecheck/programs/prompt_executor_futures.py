from concurrent.futures import ThreadPoolExecutor, as_completed
from weather_sdk import weather
with ThreadPoolExecutor() as pool:
    futures = {pool.submit(weather.get_forecast, city=c, days=2): c for c in ("Oslo", "Rome")}
    for future in as_completed(futures):
        print(futures[future], future.result().days[-1].high)
