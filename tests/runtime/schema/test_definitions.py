"""The definitions that a package ships, read from its lock or from the files of former versions."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen_runtime import Tool
from mcp_sdkgen_runtime.schema import definitions
from mcp_sdkgen_runtime.schema.definitions import digest, shipped_definition, shipped_definitions

TOOLS: list[dict[str, Any]] = [
    {"name": "look", "description": 'Two\nlines, } and "quotes".', "inputSchema": {}},
    {"name": "bare"},
    {"name": "same", "description": "one"},
    {"name": "same", "description": "two"},
    {"name": "wört", "inputSchema": {"type": "object", "properties": {"a": {}}}},
]


def package(folder: Path, snapshot: Snapshot) -> str:
    (folder / "snapshot.json").write_text(snapshot.dumps(), encoding="utf-8")
    return str(folder)


def test_each_definition_is_found_by_its_digest_and_the_file_is_never_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package(tmp_path, Snapshot.of("s", TOOLS))
    monkeypatch.setattr(definitions, "_all", lambda _: pytest.fail("all were parsed"))
    assert [shipped_definition(folder, digest(tool)) for tool in TOOLS] == TOOLS


def test_all_are_found_by_wire_name_and_of_two_with_one_name_the_first(tmp_path: Path) -> None:
    found = shipped_definitions(package(tmp_path, Snapshot.of("s", TOOLS)))
    assert found == {tool["name"]: tool for tool in reversed(TOOLS)}


def test_what_a_server_says_elsewhere_passes_for_no_definition(tmp_path: Path) -> None:
    forged = {"digest": digest(TOOLS[0]), "definition": {"name": "look", "inputSchema": False}}
    parts: dict[str, Any] = {"capabilities": {"experimental": forged}, "prompts": (forged,)}
    snapshot = Snapshot.of("s", [*TOOLS, {"name": "zzz", "_meta": {"": forged}}], **parts)
    assert shipped_definition(package(tmp_path, snapshot), digest(TOOLS[0])) == TOOLS[0]


@pytest.mark.parametrize("style", [{}, {"indent": 4}, {"separators": (",", ":")}])
def test_a_lock_that_other_hands_have_written_is_the_same_lock(
    style: dict[str, Any], tmp_path: Path
) -> None:
    data = json.loads(Snapshot.of("s", TOOLS).dumps())
    (tmp_path / "snapshot.json").write_text(json.dumps(data, **style))
    assert shipped_definition(str(tmp_path), digest(TOOLS[3])) == TOOLS[3]


def test_a_lock_that_is_newer_than_the_code_is_an_error_that_says_so(tmp_path: Path) -> None:
    folder = package(tmp_path, Snapshot.of("s", TOOLS))
    assert shipped_definition(folder, digest(TOOLS[1])) == TOOLS[1]
    package(tmp_path, Snapshot.of("s", TOOLS[:1]))
    with pytest.raises(ValueError, match="run `mcp-sdkgen build` again"):
        shipped_definition(folder, digest(TOOLS[1]))


def test_a_package_of_a_former_version_has_a_file_for_each_tool(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    for number, tool in enumerate(TOOLS[:3]):
        (tmp_path / "tools" / f"t{number}.json").write_text(json.dumps(tool))
    assert shipped_definitions(str(tmp_path)) == {tool["name"]: tool for tool in TOOLS[:3]}
    assert shipped_definition(str(tmp_path), digest(TOOLS[2])) == TOOLS[2]


def test_a_package_in_an_archive_has_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = generate(Snapshot.of("packed", TOOLS[:2]))
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for path, text in made.files.items():
            archive.writestr(path, text)
    monkeypatch.syspath_prepend(str(tmp_path / "packed.zip"))
    from packed_sdk.tools.bare import TOOL  # type: ignore[import-not-found]

    assert isinstance(TOOL, Tool)
    assert TOOL.definition == TOOLS[1]
    assert shipped_definitions("packed_sdk")["look"] == TOOLS[0]
