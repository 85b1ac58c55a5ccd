from weather_sdk import weather
class Forecasts:
    def __init__(self):
        self._known = {}
    def of(self, city):
        if city not in self._known:
            self._known[city] = weather.get_forecast(city=city)
        return self._known[city]
    def warmest(self, cities):
        return max(cities, key=lambda c: max(d.high for d in self.of(c).days))
print(Forecasts().warmest(["Oslo", "Rome"]))
