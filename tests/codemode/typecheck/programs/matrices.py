from weather_sdk import weather
import statistics as st
temps: list = []
matrix = [[0.0] * 3 for _ in range(2)]
for i, c in enumerate(("Oslo", "Rome")):
    for j, d in enumerate(weather.get_forecast(city=c, days=3).days[:3]):
        matrix[i][j] = d.high
        temps += [d.high, d.low]
print(st.mean(temps), [sum(col) for col in zip(*matrix)])
result = {"mean": st.mean(temps), "n": len(temps)}
result
