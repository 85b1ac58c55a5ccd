from weather_sdk import Weather
from weather_sdk.types import Position, PositionParam

here = Position(latitude=59.9, longitude=10.7)
there: PositionParam = {"latitude": 1.5, "longitude": 2.5}
with Weather() as weather:
    weather.report_observation(station="01492", celsius=1.0, position=here)
    weather.report_observation(station="01492", celsius=1.0, position=there)
    weather.report_observation(station="01492", celsius=1.0, position=None)
