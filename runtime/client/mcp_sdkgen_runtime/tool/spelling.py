"""The keys of objects inside arguments, in Python's spelling or the server's.

`{"entity_type": …}` and `{"entityType": …}` mean the same where the schema names `entityType`; what
is sent always has the server's spelling. Only keys that the schema names are ever touched: those of
a map are the caller's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from ..naming import field_names
from ..schema.compat.document import Document
from ..schema.compat.reading import Reader, TooManyAlternativesError
from ..schema.compat.view import Node, View
from ..schema.validation import Misfit
from ..text import shortened

_MAX_SHOWN = 12

Path = tuple[str | int, ...]


class AmbiguousKeyError(Exception):
    """An object has one key twice, or one that may mean several; `path` leads to the object."""

    def __init__(self, message: str, path: Path, value: Any) -> None:
        super().__init__(message)
        self.path = path
        self.value = value


class Spelling:
    """The names in the schema of one tool's arguments."""

    def __init__(self, schema: Any) -> None:
        self._root: list[Node] = [(Document(schema).root,)]
        self._reader = Reader()

    def wire(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments by wire name, with the keys of all objects inside in the server's spelling.

        Raises `AmbiguousKeyError`.
        """
        views = self._views(self._root, "object")
        return {
            name: self._spelled(value, _below(views, name), (name,))
            for name, value in arguments.items()
        }

    def python(self, arguments: Mapping[str, Any], edition: int) -> dict[str, Any]:
        """Arguments by wire name, with the keys of all objects inside as an SDK of that edition
        names them. What is given has the server's spelling throughout."""
        views = self._views(self._root, "object")
        return {
            name: self._named(value, _below(views, name), edition)
            for name, value in arguments.items()
        }

    def unknown_key(self, misfit: Misfit, place: str) -> str:
        """Which key of an object is unknown, and which one was meant; empty if that is not what
        is wrong. `place` is the object for people."""
        nodes = self._root
        for part in misfit.path:
            kind = "object" if isinstance(part, str) else "array"
            nodes = _below(self._views(nodes, kind), part)
        names = [_names(view) for view in self._views(nodes, "object")]
        known = sorted({name for each in names for name in each})
        wires = {wire for each in names for wire in each.values()}
        if misfit.unexpected:
            # What another alternative takes is no unknown key.
            unknown = [key for key in misfit.unexpected if key not in wires]
            return _unknown(unknown, place, known) if unknown else ""
        lacking = [name for each in names for name, wire in each.items() if wire == misfit.missing]
        given = [key for key in misfit.value if key not in wires]
        near = [key for key in given if get_close_matches(key, lacking, n=1)]
        return _unknown(near, place, lacking) if near else ""

    def _spelled(self, value: Any, nodes: list[Node], path: Path) -> Any:
        if isinstance(value, dict):
            return self._object(value, nodes, path)
        if isinstance(value, list):
            views = self._views(nodes, "array")
            return [
                self._spelled(item, _below(views, index), (*path, index))
                for index, item in enumerate(value)
            ]
        return value

    def _object(self, value: dict[str, Any], nodes: list[Node], path: Path) -> dict[str, Any]:
        views = self._views(nodes, "object")
        meant = _closest(views, value)
        spelled: dict[str, Any] = {}
        came_from: dict[str, str] = {}
        for key, item in value.items():
            wires = sorted({names[key] for view in meant if key in (names := _names(view))})
            if any(key in view.properties for view in meant) or not wires:
                wires = [key]
            wire = wires[0]
            if len(wires) > 1:
                raise AmbiguousKeyError(
                    f"{key!r} may stand for {' or '.join(map(shortened, wires))}; "
                    "write the one that is meant",
                    path, value,
                )  # fmt: skip
            if wire in spelled:
                raise AmbiguousKeyError(
                    f"has both {shortened(came_from[wire])} and {shortened(key)}, two spellings "
                    "of one key; leave one out",
                    path, value,
                )  # fmt: skip
            came_from[wire] = key
            spelled[wire] = self._spelled(item, _below(meant or views, wire), (*path, wire))
        return spelled

    def _named(self, value: Any, nodes: list[Node], edition: int) -> Any:
        if isinstance(value, list):
            views = self._views(nodes, "array")
            return [
                self._named(item, _below(views, index), edition) for index, item in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        views = self._views(nodes, "object")
        meant = _closest(views, value)
        names: dict[str, str] = {}
        for view in reversed(meant):
            names |= {wire: name for name, wire in _names(view, edition).items()}
        return {
            names.get(key, key): self._named(item, _below(meant or views, key), edition)
            for key, item in value.items()
        }

    def _views(self, nodes: Iterable[Node], kind: str) -> list[View]:
        """What is allowed at a place, one view for each alternative that may be of that type."""
        found: list[View] = []
        for node in nodes:
            view = self._reader.view(node)
            try:
                found += self._reader.alternatives(view)
            except TooManyAlternativesError:
                found.append(view)
        return [view for view in found if kind in view.types]


def _below(views: Iterable[View], part: str | int) -> list[Node]:
    """What the alternatives say of a key or an item."""
    if isinstance(part, int):
        nodes = [view.items_at(part) for view in views]
    else:
        nodes = [view.properties.get(part, view.extra) for view in views]
    return list(dict.fromkeys(node for node in nodes if node))


def _closest(views: list[View], value: Mapping[str, Any]) -> list[View]:
    """The alternatives that know the most keys; none where the object may be a mere map."""
    if any(not view.properties for view in views):
        return []
    known = [sum(key in view.properties or key in _names(view) for key in value) for view in views]
    return [view for view, count in zip(views, known, strict=True) if count == max(known)]


def _names(view: View, edition: int = 3) -> Mapping[str, str]:
    """The wire name of each property, by its Python name in an SDK of that edition."""
    return _python_names(tuple(view.properties), edition)


@lru_cache(maxsize=1024)
def _python_names(wires: tuple[str, ...], edition: int) -> Mapping[str, str]:
    return dict(zip(field_names(wires, edition), wires, strict=True))


def _unknown(keys: Sequence[str], place: str, known: Sequence[str]) -> str:
    listed = ", ".join(map(shortened, keys))
    near = get_close_matches(keys[0], known, n=1)
    if near:
        hint = f"; did you mean {near[0]!r}?"
    else:
        some = ", ".join(map(repr, known[:_MAX_SHOWN]))
        hint = f"; it takes {some}{', …' if len(known) > _MAX_SHOWN else ''}" if some else ""
    return f"unknown key{'s' if len(keys) > 1 else ''} {listed} in {place}{hint}"
