"""Every odd schema under `tests/cases` becomes an SDK that is right, and that nobody has changed.

To record new output, read the docstring of `tests/casebook.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.emit.generate import Generated, generate
from mcp_sdkgen.snapshot import Snapshot

from tests.casebook import Case, cases
from tests.checking import marked_errors, type_errors, write

ALL = cases()
UNREADABLE = {"draft_03", "invalid_schemas"}
"""Cases whose schemas no validator can read, so that nobody can say what fits them."""

each_case = pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)

IMPORTS = """
import importlib, json, pathlib, sys
wrong = []
for folder in json.loads(sys.stdin.read()):
    sys.path.insert(0, folder)
    for path in sorted(pathlib.Path(folder).glob("*_sdk/**/*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        try:
            module = importlib.import_module(name)
            if hasattr(module, "TOOL"):
                module.TOOL.result_adapter, module.TOOL.wire_names
        except Exception as error:
            wrong.append(f"{name}: {type(error).__name__}: {error}")
print(json.dumps(wrong))
"""
TRIPS = """
import json, pathlib, sys
from benchmarks.roundtrip import round_trip
found = {}
for folder in json.loads(sys.stdin.read()):
    trip = round_trip(pathlib.Path(folder), samples=8)
    found[pathlib.Path(folder).name] = [
        trip.given, trip.returned, len(trip.failures), trip.failures[:3], trip.unsampled
    ]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def crowd() -> Generated:
    """One server with the tools of all cases, many of which have the same name."""
    tools = [tool.definition for case in ALL for tool in case.snapshot.tools]
    return generate(Snapshot.of("crowd", tools))


@each_case
def test_the_generator_makes_what_was_recorded(case: Case) -> None:
    assert case.actual == case.expected
    assert case.actual_diagnostics == case.expected_diagnostics


@each_case
def test_the_recorded_snapshot_is_canonical(case: Case) -> None:
    assert case.snapshot.dumps() == case.text


@each_case
def test_every_tool_is_a_method_of_its_own(case: Case) -> None:
    methods = [method for _, method in case.generated.methods]
    wires = [wire for wire, _ in case.generated.methods]
    assert len(set(methods)) == len(methods)
    assert wires == [tool.name for tool in case.snapshot.tools]


def test_packages_and_programs_are_clean_and_mistakes_are_found(
    tmp_path: Path, crowd: Generated
) -> None:
    programs = [path for case in ALL for path in sorted(case.folder.glob("*.py"))]
    wrong = [path for path in programs if path.name == "wrong.py"]
    expected = {place: codes for path in wrong for place, codes in marked_errors(path).items()}
    sdks = [*(case.generated for case in ALL), crowd]

    assert type_errors(sdks, programs, tmp_path) == expected
    assert len(wrong) > 15


def test_every_module_imports_and_every_result_can_be_validated(
    tmp_path: Path, crowd: Generated
) -> None:
    folders = [str(write(sdk, tmp_path)) for sdk in (*(case.generated for case in ALL), crowd)]

    assert _run(IMPORTS, folders, tmp_path) == []


def test_sampled_values_pass_through_the_methods_unchanged(tmp_path: Path) -> None:
    readable = [case for case in ALL if case.snapshot.tools and case.name not in UNREADABLE]
    folders = [str(write(case.generated, tmp_path)) for case in readable]

    found = _run(TRIPS, folders, Path(__file__).parents[2])

    assert {name: trip[3] for name, trip in found.items() if trip[2]} == {}
    assert sum(trip[0] for trip in found.values()) > 1000
    assert sum(trip[1] for trip in found.values()) > 300


def test_a_crowd_of_colliding_tools_stays_reachable(crowd: Generated) -> None:
    wanted = Counter(tool.name for case in ALL for tool in case.snapshot.tools)

    assert Counter(wire for wire, _ in crowd.methods) == wanted
    assert len({method for _, method in crowd.methods}) == wanted.total()
    assert wanted.total() > 150


def _run(script: str, folders: list[str], where: Path) -> Any:
    """What a script prints, in a process of its own where a warning is an error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=where,
        input=json.dumps(folders),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
