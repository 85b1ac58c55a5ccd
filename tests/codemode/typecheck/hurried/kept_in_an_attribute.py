# hint: await
from weather_sdk import AsyncWeather
class Report:
    def __init__(self, client, city):
        self.city = city
        self.forecast = client.get_forecast(city=city)
    def show(self):
        print(self.city, self.forecast)
Report(AsyncWeather(), "Oslo").show()
