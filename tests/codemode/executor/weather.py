"""The weather server of the showcases: its SDK and where it is."""

from __future__ import annotations

from pathlib import Path

from mcp_sdkgen_codemode.catalog import at

from tests.warm import PYTHON

ROOT = Path(__file__).parents[3]
SERVERS = ROOT / "examples" / "servers"
WEATHER = at(ROOT / "generated" / "weather")
BINDINGS = {"weather": [*PYTHON, str(SERVERS / "weather.py")]}
