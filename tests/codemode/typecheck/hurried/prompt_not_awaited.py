# hint: await
from weather_sdk import AsyncWeather
w = AsyncWeather()
print(w.prompts.packing_list(city="Oslo"))
