from weather_sdk import weather
place = {"latitude": 59.9, "longitude": 10.7}
answer = weather.report_observation(station="01492", celsius=3.5, position=place)
print(answer.text or "accepted")
