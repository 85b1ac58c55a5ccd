"""Every place of the product where something leaves it, found by walking its code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

ROOT = Path(__file__).parents[2]
AREAS = {
    "generator": ROOT / "generator" / "mcp_sdkgen",
    "runtime": ROOT / "runtime" / "client" / "mcp_sdkgen_runtime",
    "codemode": ROOT / "runtime" / "codemode" / "mcp_sdkgen_codemode",
}

Kind: TypeAlias = Literal["raise", "print", "log", "write", "span", "frame", "answer"]

_CALLS: dict[Kind, set[str]] = {
    "print": {
        "print", "say", "_say", "echo", "secho", "print_json", "status", "confirm", "prompt",
        "print_exception", "print_exc", "show_error", "show_barred", "warn", "add_task",
    },
    "write": {
        "write", "writelines", "write_text", "write_bytes", "dump", "append", "replacing",
        "copyfile", "copytree", "copy", "copy2", "move", "symlink_to", "link", "own_secret",
        "NamedTemporaryFile", "mkstemp", "sendall", "pwrite", "writev", "sendmsg",
    },
    "log": {"debug", "info", "warning", "exception", "critical", "log", "error"},
    "span": {
        "set_attribute", "set_attributes", "set_status", "add_event", "record_exception",
        "start_as_current_span", "start_span",
    },
    "frame": {"notify", "reply"},
    "answer": {
        "CallToolResult", "TextContent", "TextResourceContents", "ErrorData", "report_progress",
        "elicit", "InputRequiredResult", "log_message",
    },
}  # fmt: skip
_OF_FILES = {"append", "dump", "copy", "move", "link"}
"""Names of functions of a module that are also methods of data."""
_MODULES = {"files", "shutil", "json", "pickle", "os"}


@dataclass(frozen=True, order=True)
class Place:
    """One place: what kind of way out, and where. `where` is `area/path/of/module.py`."""

    kind: Kind
    where: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: {self.kind}: {self.code}"


def places() -> list[Place]:
    """All of them."""
    found = []
    for area, folder in AREAS.items():
        for path in sorted(folder.rglob("*.py")):
            where = f"{area}/{path.relative_to(folder).as_posix()}"
            found += places_in(path.read_text(), where)
    return found


def places_in(source: str, where: str) -> list[Place]:
    """Those of one module."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2] in _MODULES
        for alias in node.names
    }
    return [
        Place(kind, where, node.lineno, ast.unparse(node)[:80])
        for node in ast.walk(tree)
        for kind in _kinds(node, imported)
    ]


def _kinds(node: ast.AST, imported: set[str]) -> Iterator[Kind]:
    if isinstance(node, ast.Raise) and node.exc is not None:
        yield "raise"
    if not isinstance(node, ast.Call):
        return
    called = node.func
    owner = ast.unparse(called.value) if isinstance(called, ast.Attribute) else None
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name == "open" and _writes(node, owner):
        yield "write"
    if name in _OF_FILES and (owner or name) not in (_MODULES if owner else imported):
        return
    for kind, names in _CALLS.items():
        if name in names and (kind != "log" or (owner is not None and "log" in owner.lower())):
            yield kind


def _writes(node: ast.Call, owner: str | None) -> bool:
    """Whether a file is opened to write. What cannot be told, is taken for it."""
    if owner == "os":
        return any(flag in ast.unparse(node) for flag in ("O_WRONLY", "O_RDWR", "flags"))
    modes = [word.value for word in node.keywords if word.arg == "mode"]
    modes += node.args[1 if owner is None else 0 :][:1]
    return any(
        not isinstance(mode, ast.Constant) or bool(set(str(mode.value)) & set("wax+"))
        for mode in modes
        if not isinstance(mode, ast.Constant) or isinstance(mode.value, str)
    )
