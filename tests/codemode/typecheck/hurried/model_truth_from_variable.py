# hint: always true
from weather_sdk import weather
ok = weather.report_observation(station="01492", celsius=3)
print("reported" if ok else "failed")
