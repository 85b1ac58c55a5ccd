from weather_sdk import weather

stations = {"01492": (59.94, 10.72), "01317": (60.38, 5.33)}
for station, (latitude, longitude) in stations.items():
    position = {"latitude": latitude, "longitude": longitude}
    weather.report_observation(station=station, celsius=4, position=position)
where = dict(latitude=1.0, longitude=2.0)
weather.report_observation(station="00001", celsius=-3, position=where)
