"""The names of classes: inside one tool's module, inside a shared module, and on the surface."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Literals, TypeRef
from ..names import class_name, class_names
from .annotations import literals, literals_in, model_keys
from .sharing import SharedModel, shared_models
from .typed import TypedDraft

LONG_LITERAL = 72
"""A `Literal` that takes more characters gets a name of its own."""


@dataclass(frozen=True)
class Scope:
    """What one tool's module calls things.

    `names` has every model of the tool by key, whether it is defined there or imported; `shared`
    those that are imported; `aliases` the long literals defined there; `local` the keys of the
    models defined there, each after those it refers to, as far as recursion allows.
    """

    arguments: str
    names: dict[str, str]
    shared: dict[str, SharedModel]
    aliases: dict[Literals, str]
    local: list[str]
    inputs: frozenset[str]


def scope(typed: TypedDraft) -> Scope:
    """Settle the names of one tool's module."""
    draft = typed.draft
    used = typed.reachable(*typed.arguments, typed.extra, typed.result)
    placed = shared_models(draft.models)
    shared = {key: placed[key] for key in used if key in placed}
    local = [key for key in _bottom_up(typed, used) if key not in shared]
    by_digest = {model.digest: (model.name, model.digest) for model in shared.values()}
    wanted = [(f"{draft.prefix}Arguments", "arguments")]
    wanted += by_digest.values()
    wanted += [(draft.models[key].name, key) for key in local]
    settled = class_names(wanted)
    name_of_digest = dict(
        zip((digest for _, digest in wanted[1 : 1 + len(by_digest)]), settled[1:], strict=False)
    )
    names = {key: name_of_digest[model.digest] for key, model in shared.items()}
    names |= dict(zip(local, settled[1 + len(by_digest) :], strict=True))
    inputs = frozenset(typed.reachable(*typed.arguments, typed.extra))
    return Scope(settled[0], names, shared, _aliases(typed, local, settled), local, inputs)


def long_literals(fields: list[tuple[str, TypeRef]], taken: list[str]) -> dict[Literals, str]:
    """A name for each long literal among `fields`, which are (wanted name, type) pairs."""
    wanted: dict[Literals, str] = {}
    for name, type_ in fields:
        for found in literals_in(type_):
            if len(literals(found.values)) > LONG_LITERAL:
                wanted.setdefault(found, name)
    pairs = [(name, repr(found.values)) for found, name in wanted.items()]
    settled = class_names([(name, "") for name in taken] + pairs)[len(taken) :]
    return dict(zip(wanted, settled, strict=True))


def _aliases(typed: TypedDraft, local: list[str], taken: list[str]) -> dict[Literals, str]:
    draft = typed.draft
    fields = [
        (draft.prefix + class_name(argument.wire), type_)
        for argument, type_ in zip(draft.arguments, typed.arguments, strict=True)
    ]
    fields += [
        (draft.models[key].name + class_name(p.wire), p.type)
        for key in local
        for p in typed.models[key]
    ]
    if typed.extra is not None:
        fields.append((f"{draft.prefix}Value", typed.extra))
    if typed.result is not None:
        fields.append((f"{draft.prefix}Result", typed.result))
    return long_literals(fields, taken)


def _bottom_up(typed: TypedDraft, used: list[str]) -> list[str]:
    order: list[str] = []
    open_: set[str] = set()

    def visit(key: str) -> None:
        if key in order or key in open_:
            return
        open_.add(key)
        for property_ in typed.models[key]:
            for below in model_keys(property_.type):
                visit(below)
        order.append(key)

    for key in used:
        visit(key)
    return order
