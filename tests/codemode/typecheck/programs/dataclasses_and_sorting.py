from dataclasses import dataclass, field

from weather_sdk import weather


@dataclass(order=True)
class Ranking:
    rain_mm: float
    city: str = field(compare=False)
    notes: list = field(default_factory=list, compare=False)


rankings = []
for city in ("Oslo", "Rome", "Cairo"):
    days = weather.get_forecast(city=city, days=7).days
    ranking = Ranking(sum(day.precip_mm for day in days), city)
    if any(day.condition == "snowy" for day in days):
        ranking.notes.append("snow")
    rankings.append(ranking)
for ranking in sorted(rankings, reverse=True):
    print(ranking.city, ranking.rain_mm, ", ".join(ranking.notes))
