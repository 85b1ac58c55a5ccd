"""References inside one schema document (`$ref` and its kin). Nothing is ever fetched or read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin

ROOT_URI = "mem://root/"
MAX_IDENTIFIER = 2_048
"""A longer `$id` names nothing: each reference below it would hold a copy."""

SCHEMA_MAPS = frozenset(
    {
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "dependencies",
    }
)
SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
SCHEMAS = frozenset(
    {
        "items",
        "additionalItems",
        "additionalProperties",
        "not",
        "if",
        "then",
        "else",
        "contains",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_DIALECT = re.compile(r"https?://json-schema\.org/(draft-0[467]|draft/(2019-09|2020-12))/schema#?")
_OLD_DIALECTS = ("draft-03", "draft-04", "draft-06", "draft-07")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_INDEX = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Node:
    """A subschema and where it stands: a JSON pointer (RFC 6901) into its document."""

    schema: Any
    pointer: str

    def child(self, *tokens: str | int) -> str:
        """The pointer of a place below this one."""
        return self.pointer + "".join("/" + escape(str(token)) for token in tokens)


def is_known_dialect(uri: str) -> bool:
    """Whether `uri` is a `$schema` that validators know: draft-04 to 2020-12."""
    return _DIALECT.fullmatch(uri) is not None


def escape(token: str) -> str:
    """A reference token as RFC 6901 section 3 wants it."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The inverse of `escape`."""
    return token.replace("~1", "/").replace("~0", "~")


class References:
    """A schema document that resolves `$ref`, `$dynamicRef` and `$recursiveRef` inside itself.

    Knows `$id`, `$anchor`, `$dynamicAnchor` (as static), draft-04 to draft-07 identifiers, URNs
    and JSON pointers to any place. `ignores_ref_siblings` is true for dialects before 2019-09,
    `has_prefix_items` for those since 2020-12, in which `prefixItems` means something.
    """

    def __init__(self, root: Any) -> None:
        self.root = root
        dialect = str(root.get("$schema", "")) if isinstance(root, dict) else ""
        self.ignores_ref_siblings = any(old in dialect for old in _OLD_DIALECTS)
        self.has_prefix_items = not self.ignores_ref_siblings and "2019-09" not in dialect
        self._pointer_of: dict[str, str] = {}
        self._base_of: dict[str, str] = {}
        self._scan(root)
        self._pointer_of.setdefault(ROOT_URI, "")

    def node(self, pointer: str) -> Node:
        """The subschema at `pointer`. Raises `KeyError` when there is none."""
        here: Any = self.root
        for token in pointer.split("/")[1:]:
            key = unescape(token)
            if isinstance(here, list):
                if not _INDEX.fullmatch(key) or int(key) >= len(here):
                    raise KeyError(pointer)
                here = here[int(key)]
            elif isinstance(here, dict):
                here = here[key]
            else:
                raise KeyError(pointer)
        return Node(here, pointer)

    def resolve(self, reference: str, pointer: str) -> Node | None:
        """The node that `reference`, written at `pointer`, means; `None` when it is not in here."""
        base = self._base(pointer)
        if reference.startswith("#"):
            target = base + reference
        elif _SCHEME.match(reference):
            target = reference
        else:
            target = _join(base, reference)
        # Not `urldefrag`: the library drops tabs and line ends, which a JSON pointer may hold.
        uri, _, fragment = target.partition("#")
        if uri not in self._pointer_of:
            return None
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            found = self._pointer_of.get(f"{uri}#{fragment}")
        else:
            found = self._pointer_of[uri] + fragment
        try:
            return None if found is None else self.node(found)
        except KeyError:
            return None

    def _base(self, pointer: str) -> str:
        while pointer not in self._base_of and pointer:
            pointer = pointer.rpartition("/")[0]
        return self._base_of.get(pointer, ROOT_URI)

    def _scan(self, root: Any) -> None:
        todo: list[tuple[Any, str, str]] = [(root, "", ROOT_URI)]
        while todo:
            schema, pointer, base = todo.pop()
            if not isinstance(schema, dict):
                continue
            base = self._identify(schema, pointer, base)
            self._base_of[pointer] = base
            todo += [(child.schema, child.pointer, base) for child in _children(schema, pointer)]

    def _identify(self, schema: dict[str, Any], pointer: str, base: str) -> str:
        identifier = schema.get("$id")
        if identifier is None and self.ignores_ref_siblings:
            identifier = schema.get("id")
        if isinstance(identifier, str) and len(identifier) > MAX_IDENTIFIER:
            identifier = None
        if isinstance(identifier, str) and not (self.ignores_ref_siblings and "$ref" in schema):
            if identifier.startswith("#"):
                self._pointer_of[base + identifier] = pointer
            else:
                base, _, fragment = _join(base, identifier).partition("#")
                self._pointer_of.setdefault(base, pointer)
                if fragment:
                    self._pointer_of[f"{base}#{fragment}"] = pointer
        for key in ("$anchor", "$dynamicAnchor"):
            if isinstance(schema.get(key), str):
                self._pointer_of.setdefault(f"{base}#{schema[key]}", pointer)
        return base


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """`schema` and all schemas inside it, without what they refer to."""
    todo = [schema]
    while todo:
        here = todo.pop()
        if isinstance(here, dict):
            yield here
            todo += [child.schema for child in _children(here, "")]


def _children(schema: dict[str, Any], pointer: str) -> Iterator[Node]:
    for key, value in schema.items():
        at = f"{pointer}/{escape(key)}"
        if key in SCHEMA_MAPS and isinstance(value, dict):
            yield from (Node(v, f"{at}/{escape(k)}") for k, v in value.items())
        elif key in SCHEMA_LISTS and isinstance(value, list):
            yield from (Node(v, f"{at}/{i}") for i, v in enumerate(value))
        elif key in SCHEMAS:
            yield Node(value, at)


def _join(base: str, reference: str) -> str:
    if _SCHEME.match(reference):
        return reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference
