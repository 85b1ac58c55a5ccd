import logging
from weather_sdk import weather
logging.basicConfig(level=logging.INFO)
log = logging.getLogger("report")
now = weather.get_weather(location="Oslo")
log.info("it is %s in %s", now.temperature, now.location)
log.debug("all: %r", now)
