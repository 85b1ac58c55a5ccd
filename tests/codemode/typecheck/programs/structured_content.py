from everything_sdk import everything

places = ("New York", "Chicago", "Los Angeles")
readings = {place: everything.get_structured_content(location=place) for place in places}
for place, reading in readings.items():
    print(f"{place:12} {reading.temperature:5.1f} {reading.conditions} {reading.humidity:.0%}")
