"""An executor over the showcase SDKs and their real servers, one for all tests of a worker."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp_sdkgen_codemode import Executor, Limits
from mcp_sdkgen_codemode.catalog import at

ROOT = Path(__file__).parents[2]
SERVERS = ROOT / "examples" / "servers"
WEATHER = at(ROOT / "generated" / "weather")
BINDINGS = {"weather": [sys.executable, str(SERVERS / "weather.py")]}


@pytest.fixture(scope="session")
def executor() -> Iterator[Executor]:
    with Executor(sdks=[WEATHER], bindings=BINDINGS, limits=Limits(time_s=20), boxes=2) as made:
        yield made
