from weather_sdk import weather
obs = [
    {"station": "01492", "celsius": 3.2, "position": {"latitude": 59.9, "longitude": 10.7}},
    {"station": "01317", "celsius": 5.0},
]
for o in obs:
    print(weather.report_observation(**o).text)
