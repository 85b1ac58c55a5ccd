from weather_sdk import weather

for day in weather.get_forecast(city="Oslo").days:
    match day.condition:
        case "sunny":
            advice = "hat"
        case "rainy" | "snowy":
            advice = "coat"
        case _:
            advice = "nothing"
    print(day.date, advice)
