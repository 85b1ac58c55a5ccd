from weather_sdk import weather
stations = [("01492", 3.2, 59.9, 10.7), ("01317", 5.0, 60.4, 5.3)]
for sid, temp, lat, lon in stations:
    pos = None
    if lat is not None:
        pos = {"latitude": lat, "longitude": lon}
    r = weather.report_observation(station=sid, celsius=temp, position=pos)
    print(r.text)
