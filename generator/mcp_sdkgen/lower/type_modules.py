"""The modules of `<package>.types`: one for each class or long literal, named after it.

Classes that refer to each other can only be defined together, and so can those whose names are one
file where case does not count: they share the module of the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ..ir import Code, Export, Import, Literals, Model, ModelModule, TypeRef
from ..names import WINDOWS_NAMES, plain
from ..text import clean, identifier
from .annotations import literals_in, model_keys
from .classes import aliases_of, model
from .describe import description
from .type_names import Place, TypeNames
from .typed import TypedDraft, TypedProperty

Modules = Mapping[str, str]
"""The name of a class or of a long literal → the module that defines it."""


def home_of(tools: Sequence[TypedDraft], names: TypeNames) -> dict[str, str]:
    """The module of everything that has a name of its own."""
    first = {name: _module(name) for name in (*names.classes.values(), *names.aliases.values())}
    uses: dict[str, set[str]] = {module: set() for module in first.values()}
    for identity, name in names.classes.items():
        uses[first[name]] |= {first[used] for used in _used(identity, tools, names)}
    together = _circles(uses)
    return {name: together[module] for name, module in first.items()}


def type_modules(
    tools: Sequence[TypedDraft], names: TypeNames, homes: Modules
) -> tuple[ModelModule, ...]:
    """Every module, by name."""
    classes: dict[str, list[str]] = {}
    aliases: dict[str, dict[Literals, str]] = {}
    for identity, name in names.classes.items():
        classes.setdefault(homes[name], []).append(identity)
    for literals, name in names.aliases.items():
        aliases.setdefault(homes[name], {})[literals] = name
    return tuple(
        _type_module(module, classes.get(module, []), aliases.get(module, {}), tools, names, homes)
        for module in sorted({*classes, *aliases})
    )


def import_lines(
    used: Iterable[str], homes: Modules, package: str, params: Iterable[str] = ()
) -> tuple[Import, ...]:
    """Imports of these names from modules in `package`, and of the twins of those in `params`."""
    wanted: dict[str, set[str]] = {}
    for name in used:
        wanted.setdefault(homes[name], set()).add(name)
    for name in params:
        wanted.setdefault(homes[name], set()).add(f"{name}Param")
    return tuple(
        Import(
            Code(f"{package}{identifier(module)}"), tuple(map(identifier, sorted(wanted[module])))
        )
        for module in sorted(wanted)
    )


def exports(modules: Iterable[ModelModule]) -> tuple[Export, ...]:
    """Every name that `<package>.types` has, with its module."""
    exports = [
        Export(name, module.name)
        for module in modules
        for name in (
            *(alias.name for alias in module.aliases),
            *(name for one in module.models for name in (one.name, one.param) if name),
        )
    ]
    return tuple(sorted(exports, key=lambda export: export.name))


def mentioned(type_: TypeRef, tool: int, names: TypeNames) -> list[str]:
    """The names of classes and long literals in a type."""
    classes = [names.of(tool, key) for key in model_keys(type_)]
    return classes + [names.aliases[one] for one in literals_in(type_) if one in names.aliases]


def _module(name: str) -> str:
    return plain(name, "type", WINDOWS_NAMES)


def _type_module(
    module: str,
    identities: list[str],
    aliases: dict[Literals, str],
    tools: Sequence[TypedDraft],
    names: TypeNames,
    homes: Modules,
) -> ModelModule:
    used = {name for identity in identities for name in _used(identity, tools, names)}
    own = {names.classes[identity] for identity in identities}
    later = {part for name in own & used for part in (name, f"{name}Param")}
    models = tuple(_model(identity, tools, names, later) for identity in identities)
    sent = {names.classes[identity] for identity in names.inputs}
    outside = {name for name in used if homes[name] != module}
    return ModelModule(
        name=identifier(module),
        imports=import_lines(outside, homes, ".", outside & sent),
        aliases=aliases_of(aliases),
        models=models,
    )


def _model(
    identity: str, tools: Sequence[TypedDraft], names: TypeNames, later: Iterable[str]
) -> Model:
    places = names.places[identity]
    first = places[0]
    name = names.classes[identity]
    doc = _agreed(tools[place.tool].draft.models[place.key].description for place in places)
    return model(
        name,
        doc or _role(identity, tools, names),
        _properties(places, tools),
        partial(names.annotate, tool=first.tool),
        param=f"{name}Param" if identity in names.inputs else "",
        later=frozenset(later),
        further=names.further(identity, tools),
        edition=names.edition,
    )


def _properties(places: Sequence[Place], tools: Sequence[TypedDraft]) -> list[TypedProperty]:
    """The properties of equal models, with what is said of them wherever it is said."""
    every = [tools[place.tool].models[place.key] for place in places]
    properties = []
    for number, p in enumerate(every[0]):
        schemas = [one[number].schema for one in every]
        said = p.schema
        if any(schema != said for schema in schemas) and isinstance(said, Mapping):
            said = {k: v for k, v in said.items() if all(_has(one, k, v) for one in schemas)}
            said["description"] = _agreed(map(description, schemas))
        properties.append(TypedProperty(p.wire, p.type, p.required, said))
    return properties


def _has(schema: Any, key: str, value: Any) -> bool:
    return isinstance(schema, Mapping) and key in schema and schema[key] == value


def _agreed(texts: Iterable[str]) -> str:
    """The words of all that say something, if these are the same; else nothing."""
    said = {words for text in texts if (words := clean(text).strip())}
    return said.pop() if len(said) == 1 else ""


def _role(identity: str, tools: Sequence[TypedDraft], names: TypeNames) -> str:
    places = names.places[identity]
    methods = list(dict.fromkeys(tools[place.tool].draft.method for place in places))
    if len(methods) > 1:
        sent, back = identity in names.inputs, identity in names.results
        verb = "take and return" if sent and back else "take" if sent else "return"
        return f"What several tools {verb}: `{methods[0]}` and {len(methods) - 1} more."
    one = tools[places[0].tool]
    key, method = places[0].key, methods[0]
    if one.result is not None and key in model_keys(one.result):
        if one.draft.observed:
            return f"What `{method}` returned in {counted_answers(one.draft.observed)}."
        return f"What `{method}` returns."
    return f"Part of what `{method}` {'takes' if identity in names.inputs else 'returns'}."


def counted_answers(number: int) -> str:
    """`1 recorded answer`, `2 recorded answers`."""
    return f"{number} recorded answer{'s' if number != 1 else ''}"


def _used(identity: str, tools: Sequence[TypedDraft], names: TypeNames) -> set[str]:
    tool, key = names.places[identity][0]
    return {name for p in tools[tool].models[key] for name in mentioned(p.type, tool, names)}


def _circles(uses: Mapping[str, set[str]]) -> dict[str, str]:
    """Each node of a graph → the first, by name, of those that it reaches and that reach it."""
    # Tarjan's algorithm without recursion: a server's models may refer to each other without end.
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    leaders: dict[str, str] = {}
    for start in uses:
        work = [(start, iter(sorted(uses[start])))] if start not in index else []
        if work:
            index[start] = low[start] = len(index)
            open_.append(start)
        while work:
            node, below = work[-1]
            following = next(below, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    circle = open_[open_.index(node) :]
                    del open_[-len(circle) :]
                    leaders |= dict.fromkeys(circle, min(circle))
            elif following not in index:
                index[following] = low[following] = len(index)
                open_.append(following)
                work.append((following, iter(sorted(uses[following]))))
            elif following not in leaders:
                low[node] = min(low[node], index[following])
    return leaders
