import csv
from collections import Counter

from aurora_sdk import aurora
from borealis_sdk import borealis
from cumulus_sdk import cumulus

# One shape for all three: cloud, name, team, average CPU from 0 to 1, US dollars a month.
machines: list[tuple[str, str, str, float, float]] = []

page = aurora.list_machines()
while True:
    for vm in page.machines:
        if vm.state == "RUNNING":
            cost = vm.hourly_usd * 730
            machines.append(("aurora", vm.instance_id, vm.tags["team"], vm.cpu_average, cost))
    if page.next_token is None:
        break
    page = aurora.list_machines(token=page.next_token)

for name in borealis.list_regions():
    for rack in borealis.describe_region(region=name).racks.values():
        for one in rack:
            if one.powered_on:
                cpu, cost = one.usage.cpu_percent / 100, one.cents_per_month / 100
                machines.append(("borealis", f"{name}/{one.name}", one.owner, cpu, cost))

for row in csv.DictReader(cumulus.usage_report().text.splitlines(), delimiter=";"):
    if row["kind"] == "vm" and float(row["running_hours"]) > 0:
        cost = float(row["usd_total"]) / float(row["running_hours"]) * 730
        machines.append(("cumulus", row["resource"], row["team"], float(row["cpu_avg"]), cost))

idle = [machine for machine in machines if machine[3] < 0.02]
print(f"{len(idle)} of {len(machines)} machines are idle")
total: Counter[tuple[str, str]] = Counter()
for cloud, _, team, _, cost in idle:
    total[team, cloud] += round(cost)
for (team, cloud), cost in sorted(total.items()):
    print(f"{team:7}{cloud:9}{cost:7,} USD a month")
print(f"{'all':16}{total.total():7,} USD a month")
for cloud, name, team, cpu, cost in sorted(idle, key=lambda one: (-one[4], one[1]))[:5]:
    print(f"{cloud} {name} ({team}): {cost:.0f} USD, {cpu:.1%}")
