"""Recorded shapes of answers → types for tools that declare none. The only importer of genson."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genson import SchemaBuilder  # type: ignore[import-untyped]
from mcp_sdkgen_runtime.observed.shape import ANY, MAP, MAX_DEPTH, SCALARS

from ..errors import SnapshotError
from ..json_io import Json, parse_json, read_bounded
from ..lower.draft import declares_shape
from ..snapshot import Observation, Snapshot, ToolDefinition

READINGS = ("structured", "json", "blocks", "text", "media", "empty")
TABLE_FIELDS = 10
"""From so many fields on, all of one type and none always there, an object is a table of data."""

_NOT_TYPED = "?"
"""The only field of an object that stands for a place of any type, while schemas are merged."""
_WORDS = {
    "text": "plain text",
    "media": "images, sounds or resources",
    "empty": "empty",
}


@dataclass(frozen=True)
class Recorded:
    """One answer of a tool, as `mcp_sdkgen_runtime.observed.recorder` describes it."""

    server: str
    tool: str
    digest: str
    read: str
    shape: Any = None


@dataclass(frozen=True)
class Inferred:
    """What the answers of one tool say: an observation, or in `note` why there is none.

    `answers` are those given under the tool's present definition; `note` may also tell of others.
    `observation` is None too where nothing can be said, which `is_known` tells apart.
    """

    tool: str
    answers: int
    observation: Observation | None = None
    note: str = ""
    is_known: bool = True


def recordings(path: Path) -> list[Recorded]:
    """The answers in a file. Raises `SnapshotError` that names the line."""
    found = []
    # Not `splitlines`, which also breaks at characters that JSON allows in a string.
    for number, line in enumerate(read_bounded(path).split("\n"), 1):
        if line.strip():
            where = f"{path}, line {number}"
            try:
                found.append(_recorded(parse_json(line, where)))
            except (SnapshotError, KeyError, TypeError, ValueError) as error:
                raise SnapshotError(
                    f"{where}: not the shape of an answer: {error}",
                    hint="these files are written by MCP_SDKGEN_OBSERVE and `mcp-sdkgen observe`; "
                    "if a program was killed while it wrote, remove the line",
                ) from None
    return found


def infer(snapshot: Snapshot, answers: Iterable[Recorded]) -> list[Inferred]:
    """What these answers say about the tools of `snapshot`, by wire name. A pure function."""
    by_tool: dict[str, list[Recorded]] = {}
    for answer in answers:
        by_tool.setdefault(answer.tool, []).append(answer)
    tools = {(tool.name, tool.digest): tool for tool in snapshot.tools}
    return [_tool(name, by_tool[name], tools, snapshot.edition) for name in sorted(by_tool)]


def _tool(
    name: str,
    answers: list[Recorded],
    tools: Mapping[tuple[str, str], ToolDefinition],
    edition: int,
) -> Inferred:
    current = [answer for answer in answers if (name, answer.digest) in tools]
    stale = len(answers) - len(current)
    others = f"{stale} of another definition of the tool are left out" if stale else ""
    if not current:
        known = any(tool == name for tool, _ in tools)
        why = others if known else "the lock has no such tool"
        return Inferred(name, 0, None, why, is_known=False)
    tool = tools[name, current[-1].digest]
    if declares_shape(tool.definition, edition):
        return Inferred(name, len(current), None, "it declares an output schema", is_known=False)
    current = [answer for answer in current if answer.digest == tool.digest]
    shapes = list(_shapes(current))
    schema = _tidy(_merged(map(_schema, shapes)))
    if not shapes:
        return Inferred(name, len(current), None, _join(_read_counts(current), others))
    if schema in ({}, {"type": "object"}, {"type": "array"}):
        return Inferred(name, len(current), None, _join("they have nothing in common", others))
    unlike = len(current) - len(shapes)
    misfits = f"{unlike} have no structure, and will not fit" if unlike else ""
    found = Observation(tool.digest, len(shapes), schema)
    return Inferred(name, len(current), found, _join(misfits, others))


def _shapes(answers: list[Recorded]) -> Iterator[Any]:
    """The shapes that tell something, each as the value that a caller gets."""
    # A list that comes as a block for each item looks like its item when it has one, and like
    # nothing when it has none.
    in_blocks = any(answer.read == "blocks" for answer in answers)
    for answer in answers:
        if answer.shape is not None:
            alone = in_blocks and answer.read == "json" and isinstance(answer.shape, dict)
            yield [answer.shape] if alone else answer.shape
        elif in_blocks and answer.read == "empty":
            yield []


def _read_counts(answers: list[Recorded]) -> str:
    counts = Counter(_WORDS[answer.read] for answer in answers)
    return ", ".join(
        f"all {words}" if len(counts) == 1 else f"{n} {words}" for words, n in counts.items()
    )


def _join(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _recorded(entry: Any) -> Recorded:
    if not isinstance(entry, dict):
        raise TypeError("no object")
    server, tool, digest, read = (entry[key] for key in ("server", "tool", "digest", "read"))
    texts = (server, tool, digest, read)
    if not all(isinstance(text, str) for text in texts) or read not in READINGS:
        raise ValueError("`server`, `tool`, `digest` or `read` is not what it should be")
    if (read in _WORDS) != ("shape" not in entry):
        raise ValueError(f"{read!r} goes with a shape, or without one")
    _check(entry.get("shape", ANY), 0)
    return Recorded(server, tool, digest, read, entry.get("shape"))


def _check(shape: Any, depth: int) -> None:
    if depth > 2 * MAX_DEPTH:
        raise ValueError("it nests too deep")
    if isinstance(shape, dict | list):
        if isinstance(shape, dict) and MAP in shape:
            if len(shape) > 1 or not isinstance(shape[MAP], list):
                raise ValueError(f"{MAP!r} stands beside names, or over no list")
            shape = shape[MAP]
        for inner in shape.values() if isinstance(shape, dict) else shape:
            _check(inner, depth + 1)
    elif shape not in SCALARS:
        raise ValueError(f"no shape is called {json.dumps(shape)[:40]}")


def _schema(shape: Any) -> Json:
    if shape == ANY:
        return {"type": "object", "properties": {_NOT_TYPED: {}}, "required": []}
    if isinstance(shape, str):
        return {"type": shape}
    if isinstance(shape, list):
        items = [_schema(item) for item in shape]
        return {"type": "array", "items": {"anyOf": items}} if items else {"type": "array"}
    if MAP in shape:
        values = {"anyOf": [_schema(value) for value in shape[MAP]]}
        return {"type": "object", "properties": {MAP: values}, "required": []}
    fields = {key: _schema(value) for key, value in shape.items()}
    return {"type": "object", "properties": fields, "required": list(fields)}


def _merged(schemas: Iterable[Json]) -> Json:
    builder = SchemaBuilder(schema_uri=None)
    for schema in schemas:
        builder.add_schema(schema)
    merged: Json = builder.to_schema()
    return merged


def _tidy(schema: Json) -> Json:
    """What genson made, with tables as maps, and without what says nothing."""
    if "anyOf" in schema:
        # Beside others, `null` says that the value may be missing; alone it says nothing.
        branches = [s if s == {"type": "null"} else _tidy(s) for s in schema["anyOf"]]
        return {} if {} in branches else {"anyOf": branches}
    if schema.get("type") == "null":
        return {}
    if "items" in schema:
        return {"type": "array", "items": _tidy(schema["items"])}
    fields = schema.get("properties")
    if fields is None:
        return {key: value for key, value in schema.items() if key != "required"}
    if _NOT_TYPED in fields:
        return {}
    required = schema.get("required") or []
    if MAP in fields or (len(fields) >= TABLE_FIELDS and not required and _alike(fields.values())):
        return {"type": "object", "additionalProperties": _tidy(_merged(fields.values()))}
    tidy: Json = {"type": "object", "properties": {k: _tidy(v) for k, v in fields.items()}}
    return {**tidy, "required": required} if required else tidy


def _alike(schemas: Iterable[Json]) -> bool:
    return len({json.dumps(schema, sort_keys=True) for schema in schemas}) == 1
