from weather_sdk import weather
def main():
    results = []
    for city in ["Oslo", "Bergen"]:
        try:
            f = weather.get_forecast(city=city, days=5)
            avg = sum(d.high for d in f.days) / len(f.days) if f.days else None
            results.append((city, avg))
        except Exception as e:
            results.append((city, None))
            print(f"Error for {city}: {e}")
    results.sort(key=lambda x: x[1] if x[1] is not None else float("-inf"), reverse=True)
    for city, avg in results:
        print(f"{city}: {avg:.1f}" if avg is not None else f"{city}: n/a")
main()
