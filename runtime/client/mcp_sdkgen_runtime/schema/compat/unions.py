"""Members of two unions: which correspond, which came, which went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import wording
from .keywords import Difference, Effect
from .view import View, key


def match(
    old: list[View], new: list[View]
) -> tuple[list[tuple[View, View]], list[View], list[View]]:
    """Pair alternatives that are the same or changed: (pairs, what is gone, what is new)."""
    pairs: list[tuple[View, View]] = []
    gone, added = list(old), list(new)
    for likeness in (_fingerprint, _name, _discriminator, _types):
        waiting = [(view, likeness(view)) for view in added]
        for one in list(gone):
            mark = likeness(one)
            found = next((each for each in waiting if mark and each[1] == mark), None)
            if found is not None:
                two, _ = found
                pairs.append((one, two))
                gone = [view for view in gone if view is not one]
                waiting = [each for each in waiting if each is not found]
        added = [view for view, _ in waiting]
    return pairs, gone, added


def _fingerprint(view: View) -> Any:
    return (
        sorted(view.types), key(view.values), view.name, list(view.properties),
        sorted(view.required), len(view.prefix), dict(view.lower), dict(view.upper),
        sorted(view.patterns), sorted(view.formats), _discriminator(view),
    )  # fmt: skip


def _name(view: View) -> Any:
    return view.name


def _types(view: View) -> Any:
    return sorted(view.types)


def _discriminator(view: View) -> Any:
    consts = []
    for name, node in view.properties.items():
        for source in node:
            schema = source.schema
            if isinstance(schema, dict) and ("const" in schema or "enum" in schema):
                consts.append((name, key([schema.get("const"), schema.get("enum")])))
    return sorted(consts)


def members(gone: list[View], added: list[View]) -> Iterator[Difference]:
    """Members of a union that came or went."""
    if gone:
        listed = " and ".join(dict.fromkeys(_describe(view) for view in gone))
        yield Difference(
            "union-member-removed", Effect.NARROWER, f"no longer allows {listed}",
            "calls that pass it are refused",
        )  # fmt: skip
    if added:
        listed = " and ".join(dict.fromkeys(_describe(view) for view in added))
        yield Difference(
            "union-member-added", Effect.WIDER, f"now also allows {listed}",
            why_output="code that does not expect it fails",
        )  # fmt: skip


def _describe(view: View) -> str:
    if view.name:
        return wording.code(view.name)
    if view.values is not None:
        return wording.values(view.values)
    if view.properties:
        return f"an object with {wording.names(view.properties)}"
    return wording.types(view.types)
