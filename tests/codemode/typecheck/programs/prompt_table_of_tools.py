from everything_sdk import everything
from weather_sdk import weather
checks = {
    "echo": lambda: everything.echo(message="ping").text,
    "now": lambda: weather.get_weather(location="Oslo").temperature,
}
for name, check in checks.items():
    try:
        print(name, check())
    except Exception as error:
        print(name, "failed", type(error).__name__)
