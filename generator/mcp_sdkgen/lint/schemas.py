"""What the schemas of one tool could say better."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mcp_sdkgen_runtime.schema.validation import compiled

from ..json_io import Json
from ..lower.draft import Draft
from ..schema import Document, Node
from ..text import one_line
from .finding import Finding
from .naming import is_renamed

LONG_DESCRIPTION = 512
"""Characters, of an argument."""

MAX_DEFAULTS = 500
"""How many defaults of one schema are looked at: each needs a validator of its own."""

_TYPED = {
    "$dynamicRef", "$recursiveRef", "$ref", "allOf", "anyOf", "const", "enum", "if", "not", "oneOf",
    "properties", "type",
}  # fmt: skip
_ELSEWHERE = _TYPED - {"type", "properties"}
_VAGUE = re.compile(r"(?:arg|args|data|input|obj|object|param|params|val)\d*|[c-mo-w]")
_QUOTED = r"[\"'`]\w[\w .-]{0,40}[\"'`]"
_CHOICE = re.compile(
    rf"{_QUOTED}\s*(?:\||,?\s*\bor\b)\s*{_QUOTED}"
    r"|\b(?:values?|options?|one of|either|must be|can be)\b[^.\"'`]{0,20}"
    rf"{_QUOTED}\s*[,/]\s*{_QUOTED}"
    r"|\b(?:one of|(?:allowed|possible|valid|accepted) (?:values|options)(?: are)?)\s*:?\s*"
    r"[\[(]?\s*\w[\w-]*\s*[,|/]\s*\w",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"e\.g\.?|\beg\b|example|such as|\blike\b|for instance", re.IGNORECASE)
_JSON_TEXT = re.compile(
    r"\bJSON[- ](?:encoded|string|formatted|object|array)|\b(?:stringified|serialized) JSON\b|"
    r"\bas (?:a )?JSON\b|\bin JSON format\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A subschema: what it is of, and whether it is an argument, a field or neither."""

    schema: Any
    pointer: str
    name: str = ""
    is_argument: bool = False


def of_input(draft: Draft) -> Iterator[Finding]:
    """Findings about the arguments, in the order of the schema."""
    schema = draft.tool.definition.get("inputSchema")
    if not isinstance(schema, dict):
        return
    yield from _arguments(draft, schema)
    yield from _walked(schema, "/inputSchema", skip=None)


def of_output(draft: Draft) -> Iterator[Finding]:
    """Findings about the result, in the order of the schema."""
    schema = draft.tool.definition.get("outputSchema")
    if isinstance(schema, dict):
        # What wraps a single value was put there by a library, and nobody sees it.
        yield from _walked(schema, "/outputSchema", skip=draft.unwrap)


def _arguments(draft: Draft, schema: Json) -> Iterator[Finding]:
    document = Document(schema)
    properties = schema.get("properties")
    required = schema.get("required")
    seen: dict[str, str] = {}
    python = {one.wire: one.name for one in draft.arguments}
    for name, value in (properties if isinstance(properties, dict) else {}).items():
        at = Node(None, "/inputSchema/properties").child(name)
        shown = one_line(name, 60)
        description = _description(value, at.removeprefix("/inputSchema"), document)
        if not description:
            yield Finding("no-argument-description", f"`{shown}` has no description", at)
        elif description in seen:
            message = f"`{shown}` has the description of `{one_line(seen[description], 60)}`"
            yield Finding("duplicate-argument-description", message, at)
        elif len(description) > LONG_DESCRIPTION:
            message = f"the description of `{shown}` has {len(description):,} characters"
            yield Finding("long-description", message, at)
        seen.setdefault(description, name)
        if _VAGUE.fullmatch(name.lower()):
            yield Finding("unclear-argument-name", f"`{shown}` does not tell what it is", at)
        if name in python and is_renamed(name, python[name]):
            yield Finding("renamed-argument", f"`{shown}` is `{python[name]}` in Python", at)
        has_default = isinstance(value, dict) and value.get("default") is not None
        if has_default and isinstance(required, list) and name in required:
            message = f"`{shown}` is required, and has a default"
            yield Finding("default-of-required", message, at)


def _description(value: Any, pointer: str, document: Document) -> str:
    for _ in range(8):
        if not isinstance(value, dict):
            return ""
        if isinstance(found := value.get("description"), str) and found.strip():
            return " ".join(found.split())
        reference = value.get("$ref")
        parts = value.get("allOf")
        if isinstance(reference, str):
            node = document.resolve(reference, pointer)
            value, pointer = (node.schema, node.pointer) if node else (None, "")
        elif isinstance(parts, list) and len(parts) == 1:
            value = parts[0]
        else:
            return ""
    return ""


def _walked(root: Json, prefix: str, skip: str | None) -> Iterator[Finding]:
    """Findings about every subschema, in the order in which they are written."""
    is_input = prefix == "/inputSchema"
    document = Document(root)
    definitions: Json = {key: root[key] for key in ("$defs", "definitions") if key in root}
    waiting = [Place(root, prefix)]
    defaults = 0
    while waiting:
        place = waiting.pop()
        if place.schema is True and place.name:
            place = Place({}, place.pointer, place.name, place.is_argument)
        if not isinstance(place.schema, dict):
            continue
        if place.name and place.name != skip:
            yield from _typing(place)
            if not place.is_argument:
                inside = place.pointer.removeprefix(prefix)
                if not _description(place.schema, inside, document):
                    message = f"`{one_line(place.name, 60)}` has no description"
                    yield Finding("no-field-description", message, place.pointer)
            if is_input:
                yield from _prose(place)
        if place.pointer != prefix or not is_input:
            yield from _shape(place)
        if "default" in place.schema and defaults < MAX_DEFAULTS:
            defaults += 1
            yield from _default(place, definitions)
        waiting += reversed(list(_below(place, prefix)))


def _below(place: Place, prefix: str) -> Iterator[Place]:
    schema, node = place.schema, Node(None, place.pointer)
    for key in ("properties", "patternProperties"):
        if isinstance(found := schema.get(key), dict):
            is_argument = place.pointer == prefix == "/inputSchema" and key == "properties"
            for name, value in found.items():
                shown = name if key == "properties" else ""
                yield Place(value, node.child(key, name), shown, is_argument)
    for key in ("items", "additionalProperties"):
        if isinstance(found := schema.get(key), dict):
            yield Place(found, node.child(key))
    for key in ("anyOf", "oneOf", "allOf", "prefixItems", "items"):
        if isinstance(found := schema.get(key), list):
            yield from (Place(each, node.child(key, n)) for n, each in enumerate(found))
    for key in ("$defs", "definitions"):
        if isinstance(found := schema.get(key), dict):
            yield from (Place(value, node.child(key, name)) for name, value in found.items())


def _typing(place: Place) -> Iterator[Finding]:
    if not _TYPED & place.schema.keys() and "items" not in place.schema:
        code = "untyped-argument" if place.is_argument else "untyped-field"
        yield Finding(code, f"`{one_line(place.name, 60)}` has no type", place.pointer)


def _shape(place: Place) -> Iterator[Finding]:
    schema = place.schema
    types = schema.get("type")
    types = types if isinstance(types, list) else [types]
    if _ELSEWHERE & schema.keys():
        return
    anything: tuple[Any, ...] = (True, {}, None)
    if "array" in types and schema.get("items") in anything and "prefixItems" not in schema:
        yield Finding("untyped-array", "it does not say what the array contains", place.pointer)
    listed = schema.get("properties") or schema.get("patternProperties")
    if "object" in types and not listed and schema.get("additionalProperties") in anything:
        yield Finding("free-form-object", "it does not say what the object contains", place.pointer)


def _prose(place: Place) -> Iterator[Finding]:
    schema = place.schema
    text = schema.get("description")
    if schema.get("type") != "string" or not isinstance(text, str):
        return
    name = one_line(place.name, 60)
    if {"enum", "const", "pattern", "format"} & schema.keys():
        return
    if _JSON_TEXT.search(text):
        yield Finding("json-in-string", f"`{name}` is JSON in a string", place.pointer)
    found = _CHOICE.search(text[:LONG_DESCRIPTION])
    if found and not _ends_with_example(text[: found.start()]):
        message = f"`{name}` lists its values only in its description: {one_line(found[0], 60)}"
        yield Finding("enum-as-prose", message, place.pointer)


def _ends_with_example(text: str) -> bool:
    """Whether the sentence that a text ends in says that examples come."""
    last = text.rfind(".")
    return any(found.end() > last for found in _EXAMPLE.finditer(text))


def _default(place: Place, definitions: Json) -> Iterator[Finding]:
    schema = {**definitions, **place.schema} if "$ref" in str(place.schema) else place.schema
    fits = compiled(schema)  # None: a finding of its own
    if fits is not None and fits(place.schema["default"]) is not None:
        shown = one_line(json.dumps(place.schema["default"], ensure_ascii=False), 60)
        message = f"its default {shown} does not fit its own schema"
        yield Finding("contradictory-default", message, place.pointer)
