import matplotlib
import pandas as pd
from warehouse_sdk import warehouse

matplotlib.use("Agg")
from matplotlib.figure import Figure

found = warehouse.query(sql="SELECT day, line, euros, returned FROM orders")
orders = pd.DataFrame(found.rows, columns=found.columns)
orders["day"] = pd.to_datetime(orders["day"])
unknown = orders["euros"].isna().sum()
print(f"{len(orders)} orders, {unknown} without an amount, which are left out")

orders = orders.dropna(subset=["euros"])
kept = orders[orders["returned"] == 0]
yearly = kept.groupby(["line", kept["day"].dt.year])["euros"].sum().unstack()
yearly["growth"] = yearly[2025] / yearly[2024] - 1
yearly["returns"] = orders.groupby("line")["returned"].mean()
for line, row in yearly.sort_values("growth", ascending=False).iterrows():
    print(
        f"{line:9} {row[2024]:9,.0f} EUR -> {row[2025]:9,.0f} EUR, {row['growth']:+.0%}, "
        f"{row['returns']:.0%} returned{' (too many)' if row['returns'] > 0.1 else ''}"
    )

monthly = kept.groupby([kept["day"].dt.to_period("M"), "line"])["euros"].sum().unstack()
figure = Figure(figsize=(9, 4), layout="constrained")
axes = figure.subplots()
for name in monthly.columns:
    axes.plot(monthly.index.to_timestamp(), monthly[name] / 1000, label=name)
axes.set_ylabel("thousand EUR a month, after returns")
axes.legend(frameon=False, ncols=4)
figure.savefig("monthly.png", dpi=110)
