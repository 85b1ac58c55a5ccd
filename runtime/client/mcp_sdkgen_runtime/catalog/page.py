"""The page of one tool, made from its definition, its signature and the classes it needs.

Everything a server said stands in fenced blocks, as data.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..text import fenced, printable, shortened_text
from .surface import Method, Surface, names_in

_SAYS_MORE = ("default", "examples", "format", "pattern", "multipleOf", "uniqueItems")
_LIMIT = re.compile("(?:min|max|exclusive)[A-Z]?")
_MAX_NOTE = 200
"""Characters of an argument's description that stand beside others."""


def _wire_names(folder: Path, tool: str) -> Mapping[str, str]:
    """The wire names of arguments that have another Python name, read from the tool's module."""
    path = folder / "tools" / f"{tool}.py"
    try:
        given = {
            keyword.arg: keyword.value
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call)
            for keyword in node.value.keywords
        }
        names: Mapping[str, str] = ast.literal_eval(given["names"]) if "names" in given else {}
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{path.name} is no module of a tool: {error!r}") from error
    return names


def tool_page(folder: Path, parts: Surface, tool: str, definition: Mapping[str, Any]) -> str:
    """The page of a tool as Markdown. Raises `OSError` and `ValueError` for missing and damaged
    files of the SDK."""
    method = next(method for method in parts.methods if method.name == tool)
    names = _wire_names(folder, tool)
    name = f"{parts.instance}.{tool}"
    pieces = [
        f"# `{name}`",
        "What the server says is quoted as data.",
        _fenced(f"{name}{method.signature}", "python"),
        _fenced("\n".join(_header_lines(definition)), "text"),
    ]
    if arguments := "\n".join(_arguments(method, names, definition)):
        pieces += ["## Arguments", _fenced(arguments, "text")]
    if classes := "\n\n\n".join(_classes(folder, parts, method)):
        pieces += ["## Classes", _fenced(classes, "python")]
    return "\n\n".join(pieces) + "\n"


def argument_notes(
    folder: Path, method: Method, definition: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The arguments of a tool that its definition describes, each with its description on one line,
    cut where it is long. Raises as `tool_page` does."""
    names = _wire_names(folder, method.name)
    properties = _properties(definition)
    for name, _, _ in _parameters(method):
        schema = properties.get(names.get(name, name))
        said = schema.get("description") if isinstance(schema, Mapping) else None
        if isinstance(said, str) and said.strip():
            yield name, shortened_text(" ".join(said.split()), _MAX_NOTE)


def _header_lines(definition: Mapping[str, Any]) -> Iterator[str]:
    hints = definition.get("annotations")
    hints = hints if isinstance(hints, Mapping) else {}
    title = definition.get("title") or hints.get("title")
    for text in (title, definition.get("description")):
        if isinstance(text, str) and text.strip():
            yield f"{text.strip()}\n"
    yield f"Wire name: {definition['name']}"
    for key, value in hints.items():
        if isinstance(value, bool):
            yield f"{key}: {json.dumps(value)}"


def _arguments(
    method: Method, names: Mapping[str, str], definition: Mapping[str, Any]
) -> Iterator[str]:
    properties = _properties(definition)
    for name, kind, is_required in _parameters(method):
        wire = names.get(name, name)
        said = properties.get(wire)
        yield f"{name}: {kind}{', required' if is_required else ''}"
        yield from (f"    {line}" for line in _said(said if isinstance(said, Mapping) else {}))
        if wire != name:
            yield f"    Sent as {wire}."


def _properties(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = definition.get("inputSchema")
    listed = schema.get("properties") if isinstance(schema, Mapping) else None
    return listed if isinstance(listed, Mapping) else {}


def _said(schema: Mapping[str, Any]) -> Iterator[str]:
    description = schema.get("description")
    if isinstance(description, str):
        yield from description.strip().splitlines()
    limits = {key: value for key, value in schema.items() if key in _SAYS_MORE or _LIMIT.match(key)}
    if limits:
        yield "; ".join(
            f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in limits.items()
        )


def _parameters(method: Method) -> Iterator[tuple[str, str, bool]]:
    node = ast.parse(f"def _{method.signature}: ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    for given, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        kind = ast.unparse(given.annotation) if given.annotation else "Any"
        yield given.arg, kind, default is None


def _classes(folder: Path, parts: Surface, method: Method) -> Iterator[str]:
    """The source of every class that the method needs, with what its fields mean."""
    wanted = {name for _, kind, _ in _parameters(method) for name in names_in(kind)}
    wanted |= names_in(method.signature.rpartition(" -> ")[2])
    reached = parts.reached(wanted)
    documented = _sources(folder / "types", reached)
    for name in parts.models:
        if name in reached:
            yield documented.get(name, parts.models[name])


def _sources(folder: Path, names: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(f"class {name}(" in text for name in names):
            for node in ast.parse(text).body:
                if isinstance(node, ast.ClassDef):
                    found[node.name] = ast.get_source_segment(text, node) or ""
    return found


def _fenced(text: str, language: str) -> str:
    return fenced(printable(text).strip("\n"), language)
