import datetime
import json, time
from datetime import datetime

from github_sdk import github as time
from weather_sdk import weather as json


def gather(*cities: str) -> list[str]:
    return [city.title() for city in cities]


for city in gather("oslo", "paris"):
    print(datetime.now().isoformat(), json.get_forecast(city=city).days[0].high)
print(len(time.list_issues(owner="acme", repo="site").json()))
