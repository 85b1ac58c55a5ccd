from weather_sdk import weather


def fahrenheit(place: str) -> float:
    now = weather.get_weather(location=place)
    return now.temperature if now.unit == "fahrenheit" else now.temperature * 9 / 5 + 32


austin, london = fahrenheit("Austin, TX"), fahrenheit("London, UK")
warmer = "Austin" if austin > london else "London"
print(f"Austin {austin:.1f} F, London {london:.1f} F")
print(f"{warmer} is warmer by {abs(austin - london):.1f} F")
