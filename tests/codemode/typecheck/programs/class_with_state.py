from weather_sdk import Weather


class Monitor:
    def __init__(self, client, limit=30):
        self.client = client
        self.limit = limit
        self.hot = []
        self.last = None

    def visit(self, city):
        now = self.client.get_weather(location=city)
        self.last = now
        if now.temperature > self.limit:
            self.hot.append(city)
        return self

    @property
    def summary(self):
        return f"{len(self.hot)} hot, last {self.last.location if self.last else '-'}"


with Weather() as client:
    monitor = Monitor(client)
    monitor.visit("Oslo").visit("Rome")
    print(monitor.summary)
