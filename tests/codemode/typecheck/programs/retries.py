import time
from weather_sdk import weather
def retry(fn, attempts=3, delay=0.1):
    last = None
    for i in range(attempts):
        try:
            return fn()
        except Exception as e:
            last = e
            time.sleep(delay * 2 ** i)
    raise last
w = retry(lambda: weather.get_weather(location="Oslo"))
print(w.temperature)
