from everything_sdk import everything
from weather_sdk import weather

total = 0.0
for city in ["Oslo", "Rome"]:
    now = weather.get_weather(location=city)
    total = float(everything.get_sum(a=total, b=now.temperature).text.split()[-1].rstrip("."))
everything.simulate_research_query(topic=f"climate near {total}", ambiguous=False)
print(total)
