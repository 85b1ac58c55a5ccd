"""Classes are imported from one place, under names that nothing changes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.emit.generate import Generated
from mcp_sdkgen.lock.versioning import advance
from mcp_sdkgen.names import instance

from tests.casebook import CASES, Case

IMPORTED = """
import importlib, json, sys, typing
sys.path.insert(0, sys.argv[1])
package, names = sys.argv[2], json.loads(sys.argv[3])
types = importlib.import_module(f"{package}.types")
assert not [name for name in sys.modules if name.startswith(f"{package}.types.")]
for name in names:
    found = getattr(types, name)
    if name.endswith("Param"):
        hints = typing.get_type_hints(found, include_extras=True)
        left_out = {k for k, v in hints.items() if typing.get_origin(v) is typing.NotRequired}
        assert found.__optional_keys__ == left_out, name
    elif isinstance(found, type):
        found.model_rebuild()
print(len(names))
"""


@pytest.mark.parametrize("name", ["recursion", "same_model_name", "shared_models", "long_enums"])
def test_every_class_is_there_at_run_time_and_none_before_it_is_used(
    name: str, tmp_path: Path
) -> None:
    sdk = Case(CASES / name).generated
    for path, text in sdk.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    names = [str(export.name) for export in sdk.lowered.server.exports]

    command = [sys.executable, "-c", IMPORTED, str(tmp_path), sdk.package, json.dumps(names)]
    done = subprocess.run(command, capture_output=True, text=True)

    assert done.stdout.strip() == str(len(names)), done.stderr
    assert {model.name or model.param for model in sdk.lowered.server.surface.models} <= {*names}


def test_a_changed_description_changes_lines_and_no_name_of_a_file() -> None:
    before = Case(CASES / "shared_models").snapshot
    text = before.dumps().replace('"description": "', '"description": "Now ')
    one, two = generate(before), generate(Snapshot.loads(text))

    assert one.files != two.files
    assert one.files.keys() == two.files.keys()


def test_a_tool_that_comes_earlier_takes_no_class_its_name() -> None:
    lock = _server({"name": "show", "inputSchema": _taking("User", name="string")})
    other = {"name": "add", "inputSchema": _taking("User", id="integer")}
    fresh = replace(lock, tools=Snapshot.of("s", [other, lock.tools[0].definition]).tools)

    updated, _ = advance(lock, fresh)

    assert "class User(Model):\n    " in generate(lock).files["s_sdk/types/user.py"]
    assert generate(updated).files["s_sdk/types/user.py"] == _file(lock, "user")
    assert "AddUser" in _names(generate(updated))
    again, _ = advance(Snapshot.loads(updated.dumps()), updated)
    assert again.classes == updated.classes == {"show": {"User": "User"}}


def test_a_class_that_becomes_equal_to_another_keeps_its_name() -> None:
    first = {"name": "a", "inputSchema": _taking("User", name="string")}
    second = {"name": "b", "inputSchema": _taking("User", id="integer")}
    lock = _server(first, second)
    fresh = _server(first, {**first, "name": "b"})

    updated, _ = advance(lock, fresh)

    assert {"User", "BUser"} <= _names(generate(lock)) & _names(generate(updated))
    assert "BUser" not in _names(generate(fresh))


def test_a_lock_without_an_edition_keeps_the_names_it_had() -> None:
    lock = replace(Case(CASES / "recursion").snapshot, edition=1)

    read = Snapshot.loads(lock.dumps())
    updated, _ = advance(read, replace(read, edition=2))

    assert "edition" not in lock.dumps()
    assert {"FilterOption1", "FilterOption1Param", "FOption3"} <= _names(generate(read))
    assert _names(generate(updated)) == _names(generate(read))


@pytest.mark.parametrize("server", ["math", "time", "calendar", "json", "Time", "imp"])
def test_a_ready_made_client_hides_no_module_of_the_standard_library(server: str) -> None:
    sdk = generate(Snapshot.of(server, [{"name": "now", "inputSchema": {"type": "object"}}]))

    assert instance(server) == f"{server.lower()}_server" == sdk.lowered.server.instance
    assert f"{server.lower()}_server" in sdk.files[f"{sdk.package}/__init__.py"]


def _server(*tools: dict[str, Any]) -> Snapshot:
    return Snapshot.of("s", tools)


def _taking(model_name: str, /, **properties: str) -> dict[str, Any]:
    model = {"type": "object", "properties": {k: {"type": v} for k, v in properties.items()}}
    reference = {"one": {"$ref": f"#/$defs/{model_name}"}}
    return {"type": "object", "properties": reference, "$defs": {model_name: model}}


def _names(sdk: Generated) -> set[str]:
    return {str(export.name) for export in sdk.lowered.server.exports}


def _file(snapshot: Snapshot, module: str) -> str:
    return generate(snapshot).files[f"{snapshot.server}_sdk/types/{module}.py"]
