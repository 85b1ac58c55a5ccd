"""Changing one tool changes what is that tool's; the same input gives the same bytes."""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp_sdkgen.emit.generate import generate
from mcp_sdkgen.emit.render import Files
from mcp_sdkgen.snapshot import Snapshot
from mcp_sdkgen_runtime.schema.definitions import digest

from tests.casebook import cases

ROOT = Path(__file__).parents[2]
DIGESTS = ("pyproject.toml", "snapshot.json")
INDEXES = ("README.md", "__init__.py", "client.py", "aio.py", "aio.pyi", "surface.pyi")

Definition = dict[str, Any]
Change = Callable[[Definition], None]


def describe(tool: Definition) -> None:
    tool["description"] = "Other words about it."


def add_a_property(tool: Definition) -> None:
    tool["inputSchema"].setdefault("properties", {})["newcomer"] = {"type": "integer"}


def remove_the_last_property(tool: Definition) -> None:
    properties = tool["inputSchema"].get("properties") or {"": None}
    name, _ = properties.popitem()
    required = tool["inputSchema"].get("required", [])
    tool["inputSchema"]["required"] = [key for key in required if key != name]


def change_a_definition(tool: Definition) -> None:
    place = {"type": "object", "properties": {"spot": {"type": "string"}}}
    tool["inputSchema"].setdefault("$defs", {})["Spot"] = place
    tool["inputSchema"].setdefault("properties", {})["spot"] = {"$ref": "#/$defs/Spot"}


def declare_a_result(tool: Definition) -> None:
    tool["outputSchema"] = {"type": "object", "properties": {"answer": {"type": "number"}}}


def drop_the_result(tool: Definition) -> None:
    tool.pop("outputSchema", None)


CHANGES: tuple[Change, ...] = (
    describe,
    add_a_property,
    remove_the_last_property,
    change_a_definition,
    declare_a_result,
    drop_the_result,
)


@cache
def snapshots() -> dict[str, Snapshot]:
    """Showcases of real servers, and one with the definitions that tools share."""
    found = {
        path.parents[1].name: Snapshot.load(path)
        for path in sorted(ROOT.glob("generated/*/*/snapshot.json"))
    }
    shared = {case.name: case.snapshot for case in cases() if case.name == "shared_models"}
    return found | shared


@cache
def files(name: str) -> Files:
    """The SDK of one of them."""
    return generate(snapshots()[name]).files


PLACES = [
    (name, index)
    for name, snapshot in snapshots().items()
    for index in range(0, len(snapshot.tools), 1 + len(snapshot.tools) // 16)
]
"""Tools to change: all of a small server, some of a large one."""


@settings(max_examples=20, deadline=None, derandomize=True)
@given(place=st.sampled_from(PLACES), change=st.sampled_from(CHANGES))
def test_changing_one_tool_changes_only_what_is_that_tools(
    place: tuple[str, int], change: Change
) -> None:
    name, index = place
    tools = [copy.deepcopy(tool.definition) for tool in snapshots()[name].tools]
    change(tools[index])
    before = files(name)
    after = generate(_with_tools(snapshots()[name], tools)).files
    method = methods_of(name)[index]

    is_changed = tools[index] != snapshots()[name].tools[index].definition
    assert bool(_changed(before, after)) == is_changed
    for path in _changed(before, after):
        assert _may_change(path, method), path
    for path in _indexes(before):
        assert _strangers(before[path], after[path], method, others(name, index)) == [], path


@pytest.mark.parametrize("name", ["weather", "everything", "shared_models"])
@pytest.mark.parametrize("newcomer", ["aaa_first", "mmm_middle", "zzz_last"])
def test_adding_a_tool_renames_nothing_and_changes_no_other_tool(name: str, newcomer: str) -> None:
    tools = [tool.definition for tool in snapshots()[name].tools]
    added = {
        "name": newcomer,
        "inputSchema": {
            "type": "object",
            "properties": {"newcomer_spot": {"$ref": "#/$defs/NewcomerSpot"}},
            "$defs": {"NewcomerSpot": {"type": "object", "properties": {"x": {"type": "number"}}}},
        },
    }
    before = files(name)
    done = generate(_with_tools(snapshots()[name], [*tools, added]))

    assert [m for m in done.methods if m[0] != newcomer] == [
        (tool.name, method)
        for tool, method in zip(snapshots()[name].tools, methods_of(name), strict=True)
    ]
    assert before.keys() <= done.files.keys()
    for path in _changed(before, done.files):
        assert _may_change(path, newcomer), path
    for path in _indexes(before):
        changes = _strangers(before[path], done.files[path], newcomer, methods_of(name))
        assert changes == [], path


@pytest.mark.parametrize("seed", ["0", "4294967295"])
def test_the_same_snapshots_give_the_same_bytes_under_every_hash_seed(seed: str) -> None:
    script = "from tests.generator.test_stability import fingerprint; print(fingerprint())"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == fingerprint(), done.stderr[-2000:]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(place=st.sampled_from(PLACES), seed=st.integers(0, 1000))
def test_the_order_of_keys_makes_no_difference_to_digests(
    place: tuple[str, int], seed: int
) -> None:
    name, index = place
    tool = snapshots()[name].tools[index].definition

    assert digest(_shuffled(tool, random.Random(seed))) == digest(tool)


@pytest.mark.parametrize("name", ["weather", "everything", "shared_models"])
def test_the_order_in_which_a_server_lists_its_tools_makes_no_difference(name: str) -> None:
    tools = [tool.definition for tool in snapshots()[name].tools]

    assert generate(_with_tools(snapshots()[name], tools[::-1])).files == files(name)


def fingerprint() -> str:
    """A digest over the small showcases and every case, made anew."""
    made = [generate(case.snapshot).files for case in cases() if case.name != "wide_schemas"]
    made += [generate(snapshots()[name]).files for name in ("weather", "everything")]
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()


@cache
def methods_of(name: str) -> list[str]:
    """The method names of one of the SDKs, in the order of its tools."""
    return [method for _, method in generate(snapshots()[name]).methods]


def others(name: str, index: int) -> list[str]:
    """The method names of all tools but one."""
    methods = methods_of(name)
    return methods[:index] + methods[index + 1 :]


def _with_tools(snapshot: Snapshot, tools: list[Definition]) -> Snapshot:
    return replace(snapshot, tools=Snapshot.of(snapshot.server, tools).tools)


def _changed(before: Files, after: Files) -> list[str]:
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def _indexes(before: Files) -> list[str]:
    return [path for path in before if path.rpartition("/")[2] in INDEXES and "/tools/" not in path]


def _may_change(path: str, method: str) -> bool:
    folder, _, name = path.rpartition("/")
    if name in DIGESTS or "/types/" in path:
        return True
    if folder.endswith("/tools"):
        return name.partition(".")[0] == method or (
            name == "__init__.py" and folder.endswith("tools")
        )
    return name in INDEXES


def _shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _shuffled(value[key], chance) for key in keys}
    return [_shuffled(item, chance) for item in value] if isinstance(value, list) else value


def _strangers(before: str, after: str, method: str, other_methods: list[str]) -> list[str]:
    """What differs between two versions of an index and is not about `method`.

    Imports are left out: a new type may need one, and the last use of another may be gone.
    """
    if before.startswith("# ") and "\nclass " in before:
        kept = [_defined(text, other_methods) for text in (before, after)]
        return sorted(key for key in kept[0] if kept[0][key] != kept[1].get(key))
    marks = [f"/{other}.md" for other in other_methods] + [f"  {other}(" for other in other_methods]
    diff = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    changed = [line for line in list(diff)[2:] if line[0] in "+-"]
    return [line for line in changed if any(mark in line for mark in marks)]


def _defined(source: str, methods: list[str]) -> dict[str, str]:
    """The methods, and the classes and aliases that they mention, each with its source."""
    tree = ast.parse(source)
    named: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            named[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named[node.targets[0].id] = node
    found: dict[str, str] = {}
    todo: list[ast.stmt] = [
        item
        for node in named.values()
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name in methods
    ]
    while todo:
        node = todo.pop()
        name = getattr(node, "name", "") or ast.unparse(node).partition(" =")[0]
        if name not in found:
            found[name] = ast.unparse(node)
            mentioned = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            todo += [named[one] for one in mentioned if one in named]
    return found
