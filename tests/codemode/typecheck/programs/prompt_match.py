from weather_sdk import weather
for day in weather.get_forecast(city="Oslo").days:
    match day.condition:
        case "sunny":
            print(day.date, "sun cream")
        case "rainy" | "snowy":
            print(day.date, "boots")
        case other:
            print(day.date, other)
