from weather_sdk import Weather
with Weather() as client:
    print(client.get_weather(location="Oslo").temperature)
print(client.get_weather(location="Rome").temperature)
