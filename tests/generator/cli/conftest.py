"""Where commands that run programs find the weather SDK and its server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.codemode.executor.weather import BINDINGS, ROOT


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "MCP_BINDING_WEATHER": json.dumps(BINDINGS["weather"]),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHONPATH": str(ROOT / "generated" / "weather"),
        "TERM": "xterm",
        "COLUMNS": "120",
    }
