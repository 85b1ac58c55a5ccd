from string import Template
from weather_sdk import weather
now = weather.get_weather(location="Oslo")
print(Template("It is $t in $c").substitute(t=now.temperature, c=now.location))
print("%s: %.1f %s" % (now.location, now.temperature, now.unit))
print("{0.location} {0.temperature:.0f}".format(now))
