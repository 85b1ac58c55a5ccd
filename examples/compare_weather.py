"""Compare two cities, calculate in steps, then ask two more servers: one program, four SDKs.

    cd examples && python compare_weather.py ..

The argument is a git repository. The program needs the SDKs of the servers in `mcp.json` beside it
and finds the servers through that file. Intermediate results stay in variables: nothing but what
is printed would ever reach a model.
"""

from __future__ import annotations

import sys
from pathlib import Path

from calculator_sdk import calculator
from git_sdk import git
from time_sdk import time_server
from weather_sdk import weather


def compare_weather() -> None:
    """Print the weather of Austin and London, then which is warmer and by how much."""
    austin = weather.get_weather(location="Austin, TX")
    london = weather.get_weather(location="London, UK")
    print("Weather Report:")
    for report in (austin, london):
        print(f"  {report.location}: {report.temperature:g} degrees {report.unit}", end=" - ")
        print(report.condition)

    london_f = london.temperature * 9 / 5 + 32
    print("\nComparison:")
    print(f"  Austin: {austin.temperature:.1f} F")
    print(f"  London: {london_f:.1f} F (converted from {london.temperature:g} C)")
    warmer = "Austin" if austin.temperature > london_f else "London"
    print(f"  -> {warmer} is warmer by {abs(austin.temperature - london_f):.1f} degrees F")


def calculate_in_steps() -> None:
    """Print three calculations, each on the result of the one before."""
    print("\nMulti-step calculation:")
    total = calculator.calculate(operation="add", a=10, b=20).result
    print(f"  Step 1: 10 + 20 = {total:g}")
    product = calculator.calculate(operation="multiply", a=total, b=5).result
    print(f"  Step 2: {total:g} * 5 = {product:g}")
    final = calculator.calculate(operation="subtract", a=product, b=15).result
    print(f"  Step 3: {product:g} - 15 = {final:g}")
    print(f"  Final: {final:g}")


def ask_public_servers(repository: Path) -> None:
    """Print the time in Oslo, a typed result, and the state of a git repository, plain text."""
    print("\nPublic servers:")
    now = time_server.get_current_time(timezone="Europe/Oslo")
    print(f"  time: {now.day_of_week}, {now.datetime} in {now.timezone}")
    status = git.git_status(repo_path=str(repository)).text.splitlines()
    print(f"  git: {status[1]}")


if __name__ == "__main__":
    compare_weather()
    calculate_in_steps()
    ask_public_servers(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
