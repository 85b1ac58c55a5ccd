"""No schema hangs the build or uses up memory, and no tool costs another its types."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen import Snapshot
from mcp_sdkgen.errors import SnapshotError

from tests.hostile.exhausting import ATTACKS, PARTS
from tests.patience import HANG_S
from tests.warm import PYTHON

ROOT = Path(__file__).parents[2]
TOO_COMPLEX = (
    *("allOf that doubles", "anyOf at the root that doubles", "allOf of itself"),
    *("a circle of allOf", "many arguments", "models that all reach each other"),
    *("a wide schema met many times", "a huge enum used often"),
)
"""These cost a tool its types, but never its method."""


def outcome(name: str) -> dict[str, Any]:
    command = [*PYTHON, "-m", "tests.hostile.exhausting", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANG_S)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", [*ATTACKS, *PARTS])
def test_an_exhausting_server_costs_only_what_exhausts(name: str) -> None:
    found = outcome(name)
    assert found["honest"]
    assert found["output"] <= 30 * found["input"] + 500_000
    if name in TOO_COMPLEX:
        assert found["codes"] == ["too-complex"]
        assert found["tools"] == 2


@pytest.mark.parametrize("bracket", ["[]", "{}"])
@pytest.mark.parametrize("depth", [150, 201, 900, 985, 995, 100_000])
def test_a_snapshot_that_nests_too_deep_is_refused_in_plain_words(bracket: str, depth: int) -> None:
    opening = bracket[0] if bracket == "[]" else '{"a":'
    deep = opening * depth + ("1" if bracket == "{}" else "") + bracket[1] * depth
    entry = f'{{"name": "t", "digest": "", "definition": {{"name": "t", "x": {deep}}}}}'
    text = f'{{"format": "mcp-sdkgen/snapshot/1", "server": "s", "tools": [{entry}]}}'
    if depth == 150:
        assert len(Snapshot.loads(text).tools) == 1
    else:
        with pytest.raises(SnapshotError):
            Snapshot.loads(text)
