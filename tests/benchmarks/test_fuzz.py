"""Fuzzing finds what is wrong, makes it small and saves it as a case."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest

from benchmarks.fuzz.shrinking import shrunk
from benchmarks.fuzz.trial import Failure, Tools, run_trial
from tests.random_schemas import random_tool


def failing_with_enums(servers: list[Tools]) -> list[list[Failure]]:
    """Fails every server with an enum in it."""
    failure = Failure("results", "t0", "fails")
    return [[failure] if "enum" in json.dumps(tools) else [] for tools in servers]


def test_a_failure_is_shrunk_to_what_it_needs() -> None:
    tool: dict[str, Any] = {
        "name": "t0",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"enum": [1, 2]}}, "b": {}},
        },
        "outputSchema": {"type": "object"},
    }
    other = {"name": "t1", "inputSchema": {"type": "object"}}
    small = shrunk([other, tool], "results: fails", failing_with_enums, seconds=60)

    assert small == [{"name": "t0", "inputSchema": {"enum": []}}]


def test_failures_that_differ_in_values_are_of_one_kind() -> None:
    one = Failure("arguments", "t1", "as dicts: TypeError: 'a' got 3")
    other = Failure("arguments", "t2", "as models: TypeError: 'b' got 15")

    assert one.kind == other.kind != Failure("results", "t1", "TypeError: 'a' got 3").kind


@pytest.mark.parametrize("seed", range(40))
def test_random_tools_are_the_same_for_a_seed_and_have_valid_schemas(seed: int) -> None:
    tool = random_tool(Random(seed), "t0")

    assert tool == random_tool(Random(seed), "t0")
    for key in ("inputSchema", "outputSchema"):
        jsonschema_rs.meta.validate(tool.get(key, {}))


def test_a_trial_builds_calls_and_answers_through_a_real_server(tmp_path: Path) -> None:
    tools = [random_tool(Random(n), f"t{n}") for n in range(6)]
    result = run_trial([tools], tmp_path, types=False)

    assert result.failures == [[]]
    assert result.samples > 50


def test_what_kills_a_trial_is_a_failure_of_its_servers(tmp_path: Path) -> None:
    nameless: Tools = [{"name": ["no text"], "inputSchema": {"type": "object"}}]
    (failures,) = run_trial([nameless], tmp_path, types=False).failures

    assert {one.stage for one in failures} <= {"build", "process"}
    assert failures
