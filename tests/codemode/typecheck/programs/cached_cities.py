from weather_sdk import weather
class City:
    instances = []
    def __init__(self, name, days=3):
        self.name = name
        self.days = days
        self.forecast = None
        self.cache = {}
        City.instances.append(self)
    def load(self):
        if self.forecast is None:
            self.forecast = weather.get_forecast(city=self.name, days=self.days)
        return self.forecast
    def __repr__(self):
        return f"City({self.name!r})"
    @property
    def hottest(self):
        return max(self.load().days, key=lambda d: d.high)
    def get(self, key, default=None):
        if key not in self.cache:
            self.cache[key] = getattr(self.load(), key, default)
        return self.cache[key]
c = City("Oslo")
print(c, c.hottest.high, c.get("units"), City.instances)
