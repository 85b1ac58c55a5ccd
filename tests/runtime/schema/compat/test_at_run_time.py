"""At run time the same judge is asked as at build time, and only about what differs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp_sdkgen.drift import Severity, compare
from mcp_sdkgen.snapshot import Snapshot
from mcp_sdkgen_runtime import DriftError
from mcp_sdkgen_runtime.session.drift_monitor import DriftWatch

from tests.runtime.schema.compat.tables import obj, tool
from tests.runtime.schema.compat.test_inputs import INPUTS
from tests.runtime.schema.compat.test_outputs import OUTPUTS
from tests.runtime.schema.compat.test_properties import PROPERTY
from tests.runtime.schema.compat.test_tools import ANNOTATIONS, OTHERS


def _with(key: str, old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = ({} if value is None else {key: value} for value in (old, new))
    return tool(**before), tool(**after)


PAIRS = {
    **{f"input: {name}": _with("inputSchema", *row[:2]) for name, row in INPUTS.items()},
    **{f"output: {name}": _with("outputSchema", *row[:2]) for name, row in OUTPUTS.items()},
    **{
        f"{key}: {name}": _with(key, obj({"x": row[0]}), obj({"x": row[1]}))
        for name, row in PROPERTY.items()
        for key in ("inputSchema", "outputSchema")
    },
    **{f"hints: {name}": _with("annotations", *row[:2]) for name, row in ANNOTATIONS.items()},
    **{f"other: {name}": (tool(**row[0]), tool(**row[1])) for name, row in OTHERS.items()},
}


def shipped(folder: Path, definition: Mapping[str, Any]) -> str:
    """The folder of an SDK that was generated from one tool."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / "get_forecast.json").write_text(json.dumps(definition))
    return str(folder)


@pytest.mark.parametrize("name", PAIRS)
def test_a_call_is_refused_exactly_when_a_diff_of_the_definitions_is_breaking(
    name: str, tmp_path: Path
) -> None:
    old, new = PAIRS[name]
    # Edition 1: that a rebuilt SDK would return what is in the object breaks nobody before that.
    drift = compare(Snapshot.of("weather", [old], edition=1), Snapshot.of("weather", [new]))
    breaking = [c.message for c in drift.changes if c.severity is Severity.BREAKING]
    watch = DriftWatch("weather", shipped(tmp_path, old))

    async def live() -> Mapping[str, Any]:
        return {"get_forecast": new}

    anyio.run(watch.look, live)
    assert watch.failure is None
    try:
        watch.check("get_forecast")
        told: list[str] = []
    except DriftError as error:
        told = list(error.changes)
    assert told == breaking


UNCHANGED = """
import sys
import anyio
from mcp_sdkgen_runtime.schema.definitions import shipped_definitions
from mcp_sdkgen_runtime.session.drift_monitor import DriftWatch

async def main():
    shipped = shipped_definitions(sys.argv[1])

    async def live():
        return shipped

    watch = DriftWatch("weather", sys.argv[1])
    await watch.look(live)
    assert watch.failure is None
    assert "mcp_sdkgen_runtime.schema.compat" not in sys.modules
    watch = DriftWatch("weather", sys.argv[1])
    async def changed():
        return {"get_forecast": {"name": "get_forecast", "description": "another"}}
    await watch.look(changed)
    assert "mcp_sdkgen_runtime.schema.compat" in sys.modules

anyio.run(main)
"""


def test_the_judge_is_imported_only_for_a_tool_that_differs(tmp_path: Path) -> None:
    package = shipped(tmp_path, tool(description="A forecast"))
    subprocess.run([sys.executable, "-c", UNCHANGED, package], check=True, timeout=120)
