from weather_sdk import weather

answer = weather.report_observation(
    station="01492",
    celsius=3.5,
    position={"latitude": 59.94, "longitude": 10.72},
)
print(answer.text)
