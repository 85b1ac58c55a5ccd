"""What of a tool's live definition breaks code that was written against the snapshot's.

A small and cautious judgement for run time: a change of a schema that it cannot read as harmless
counts as breaking. (`mcp-sdkgen diff` is the exact one, and says what is compatible too.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

Definition = Mapping[str, Any]
Side = Literal["input", "output"]

_SAYS_NOTHING = {
    "title", "description", "default", "examples", "$comment", "deprecated", "$schema", "$id",
    "$defs", "definitions", "format", "readOnly", "writeOnly",
}  # fmt: skip
_UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_LIMITS = _UPPER | _LOWER | {"pattern", "multipleOf", "uniqueItems"}
_MAX_DEPTH = 64


def shipped_definitions(package: str) -> dict[str, Definition]:
    """The definitions an SDK was generated from, by wire name, read from its package.

    `package` is its import name or, where it is not installed, its folder.
    """
    found: dict[str, Definition] = {}
    folder = Path(package) if Path(package).is_absolute() else files(package)
    for entry in folder.joinpath("tools").iterdir():
        if entry.name.endswith(".json"):
            definition = json.loads(entry.read_bytes())
            found[definition["name"]] = definition
    return found


def breaking_changes(old: Definition, new: Definition | None) -> list[str]:
    """What breaks callers of a tool, a line for each change. `new` is None when it is gone."""
    if new is None:
        return ["the server no longer has this tool"]
    found = list(_hints(old.get("annotations") or {}, new.get("annotations") or {}))
    before, after = old.get("inputSchema") or {}, new.get("inputSchema") or {}
    found += _Comparison("input", before, after).changes(before, after, "arguments")
    before, after = old.get("outputSchema"), new.get("outputSchema")
    if before is not None and after is None:
        found.append("it no longer declares what it returns")
    elif before is not None:
        found += _Comparison("output", before, after).changes(before, after, "result")
    return found


def _hints(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("readOnlyHint") is True and new.get("readOnlyHint") is not True:
        yield "it is no longer read-only"
    if old.get("destructiveHint") is False and new.get("destructiveHint") is not False:
        yield "it may now be destructive"


class _Comparison:
    """Two schemas, each the root of its own references."""

    def __init__(self, side: Side, old_root: Any, new_root: Any) -> None:
        self._side = side
        self._old_root = old_root
        self._new_root = new_root
        self._seen: set[tuple[str, str]] = set()

    def changes(self, old: Any, new: Any, place: str, depth: int = 0) -> Iterator[str]:
        """The breaking changes from `old` to `new`, found at `place`."""
        if depth > _MAX_DEPTH:
            return
        pair = (_reference(old), _reference(new))
        if any(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
        old, new = _target(old, self._old_root), _target(new, self._new_root)
        if not isinstance(old, Mapping) or not isinstance(new, Mapping):
            if old != new:
                yield f"{place}: the schema changed"
            return
        for keyword in sorted({*old, *new} - _SAYS_NOTHING):
            before, after = old.get(keyword), new.get(keyword)
            if keyword == "properties":
                yield from self._properties(old, new, place, depth)
            elif keyword == "items" and before is not None and after is not None:
                yield from self.changes(before, after, f"{place}[]", depth + 1)
            elif not _same(before, after) and self._breaks(keyword, before, after):
                yield f"{place}: {_told(keyword, before, after)}"

    def _properties(
        self, old: Mapping[str, Any], new: Mapping[str, Any], place: str, depth: int
    ) -> Iterator[str]:
        before, after = old.get("properties") or {}, new.get("properties") or {}
        for name, schema in before.items():
            if name not in after:
                yield f"{place}.{name}: is gone"
            else:
                yield from self.changes(schema, after[name], f"{place}.{name}", depth + 1)

    def _breaks(self, keyword: str, before: Any, after: Any) -> bool:
        """Whether another value of one keyword can break a caller."""
        gets_more = self._side == "output"
        if keyword == "required":
            # More demands break who sends; fewer promises break who reads.
            promised, asked = set(before or ()), set(after or ())
            return bool(promised - asked if gets_more else asked - promised)
        if keyword == "enum" and before is not None and after is not None:
            # Generated literals are open, so a reader survives new values.
            return not gets_more and any(value not in after for value in before)
        if keyword == "type" and before is not None and after is not None:
            narrow, wide = (after, before) if gets_more else (before, after)
            return not _types(narrow) <= _types(wide)
        if keyword == "additionalProperties":
            return not gets_more and after is False
        if keyword in _LIMITS:
            return not gets_more and not _looser(keyword, before, after)
        return True


def _same(one: Any, other: Any) -> bool:
    # `==` takes True for 1.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _types(value: Any) -> set[str]:
    found = {value} if isinstance(value, str) else set(value)
    return found | {"integer"} if "number" in found else found


def _looser(keyword: str, before: Any, after: Any) -> bool:
    if after is None:
        return True
    numbers = isinstance(before, int | float) and isinstance(after, int | float)
    if numbers and keyword in _UPPER:
        return bool(after >= before)
    return bool(numbers and keyword in _LOWER and after <= before)


def _told(keyword: str, before: Any, after: Any) -> str:
    if keyword == "required":
        gone, added = set(before or ()) - set(after or ()), set(after or ()) - set(before or ())
        names = ", ".join(map(repr, sorted(map(str, added or gone))))
        return f"{names} {'is now required' if added else 'is no longer always there'}"
    return f"{keyword} was {_short(before)} and is {_short(after)}"


def _short(value: Any) -> str:
    text = "not set" if value is None else json.dumps(value)
    return text if len(text) <= 60 else text[:60] + "…"


def _reference(schema: Any) -> str:
    found = schema.get("$ref") if isinstance(schema, Mapping) else None
    return found if isinstance(found, str) else ""


def _target(schema: Any, root: Any) -> Any:
    for _ in range(_MAX_DEPTH):
        reference = _reference(schema)
        if not reference.startswith("#/"):
            return schema
        found = root
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or part not in found:
                return schema
            found = found[part]
        schema = found
    return schema
