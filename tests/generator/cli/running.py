"""`mcp-sdkgen run` over the weather server, in a process of its own."""

from __future__ import annotations

import subprocess

from tests.patience import HANG_S
from tests.warm import COMMAND

READS = "from weather_sdk import weather\nprint(weather.get_weather(location='Oslo').condition)\n"
WRITES = (
    "from weather_sdk import weather\n"
    "print(weather.get_weather(location='Oslo').condition)\n"
    "weather.report_observation(station='72254', celsius=1)\n"
    "print('reported')\n"
)


def command(*words: str) -> list[str]:
    return [*COMMAND, *words]


def done(environment: dict[str, str], *words: str, stdin: str = "") -> tuple[int, str, str]:
    """Exit code, stdout and stderr, where there is no terminal."""
    found = subprocess.run(
        command(*words),
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        start_new_session=True,
    )
    return found.returncode, found.stdout, found.stderr
