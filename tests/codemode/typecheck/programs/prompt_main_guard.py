from weather_sdk import weather
def main() -> int:
    forecast = weather.get_forecast(city="Oslo")
    for day in forecast.days:
        print(day.date)
    return 0
if __name__ == "__main__":
    raise SystemExit(main())
