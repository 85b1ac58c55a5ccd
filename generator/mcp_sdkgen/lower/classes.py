"""Models as classes: for a tool's own module and for the modules that tools share."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..ir import Alias, Code, Field, Import, Literals, Model, ModelModule
from ..names import class_name, class_names, field_names
from ..text import clean, docstring, identifier, literal
from .annotations import AliasNames, ModelNames, Role, accepts_none, annotate, model_keys, optional
from .describe import description, facts, stopped
from .name_scope import long_literals
from .sharing import SharedModel, shared_models
from .typed import TypedDraft, TypedProperty


def model(
    name: str,
    doc: str,
    properties: Iterable[TypedProperty],
    models: ModelNames,
    aliases: AliasNames,
    *,
    param: str = "",
    role: Role = Role.ARGUMENT,
    brief: bool = False,
) -> Model:
    """One class, or only its `TypedDict` twin where `name` is empty.

    `param` names the twin, empty for none; `role` is how the twin's values are written. `brief`
    leaves out the documentation.
    """
    listed = list(properties)
    wires = [p.wire for p in listed]
    names = field_names(wires)
    fields = tuple(
        _field(python, p, models, aliases, role, brief)
        for python, p in zip(names, listed, strict=True)
    )
    nullable = sorted(
        python for python, p in zip(names, listed, strict=True) if accepts_none(p.type)
    )
    return Model(
        name=identifier(name) if name else Code(""),
        doc=docstring(doc),
        fields=fields,
        nullable=Code(", ".join(literal(n) for n in nullable)),
        param=identifier(param) if param else Code(""),
    )


def aliases_of(named: dict[Literals, str]) -> tuple[Alias, ...]:
    """The definitions of long literals."""
    return tuple(
        Alias(
            name=identifier(name),
            values=tuple(literal(value) for value in found.values if value is not None),
            rest=Code(" | None" if None in found.values else ""),
        )
        for found, name in named.items()
    )


def shared_modules(tools: Iterable[TypedDraft]) -> tuple[ModelModule, ...]:
    """Every shared module that the tools need, each once, by name."""
    modules: dict[str, ModelModule] = {}
    for typed in tools:
        shared = shared_models(typed.draft.models)
        used = typed.reachable(*typed.arguments, typed.extra, typed.result)
        for module in dict.fromkeys(shared[key].module for key in used if key in shared):
            if module not in modules:
                modules[module] = _shared_module(module, typed, shared)
    return tuple(modules[name] for name in sorted(modules))


def doc_of(text: str, fallback: str) -> str:
    """The server's description of a class, or `fallback` where it has none."""
    return clean(text).strip() or fallback


def _shared_module(name: str, typed: TypedDraft, shared: dict[str, SharedModel]) -> ModelModule:
    members = [key for key, model in shared.items() if model.module == name]
    distinct = {shared[key].digest: key for key in members}
    keys = sorted(distinct.values(), key=lambda key: shared[key].name)
    outside = {
        below: shared[below]
        for key in keys
        for p in typed.models[key]
        for below in model_keys(p.type)
        if shared[below].module != name
    }
    taken = [shared[key].name for key in keys]
    local_name = _import_names(outside.values(), taken)

    def names(key: str, param: bool) -> str:
        found = shared[key]
        own = found.name if found.module == name else local_name[found.digest]
        return f"{own}Param" if param else own

    fields = [
        (shared[key].name + class_name(p.wire), p.type) for key in keys for p in typed.models[key]
    ]
    long = long_literals(fields, [*taken, *local_name.values()])
    models = tuple(
        model(
            shared[key].name,
            doc_of(typed.draft.models[key].description, f"The server's `{shared[key].name}`."),
            typed.models[key],
            names,
            long.get,
            param=f"{shared[key].name}Param",
        )
        for key in keys
    )
    imports = {m.digest: m for m in outside.values()}
    return ModelModule(
        name=identifier(name),
        imports=import_lines(imports.values(), local_name, ".", imports),
        aliases=aliases_of(long),
        models=models,
    )


def import_lines(
    models: Iterable[SharedModel], names: dict[str, str], package: str, params: Container[str]
) -> tuple[Import, ...]:
    """Imports of shared models and, for digests in `params`, of their `TypedDict` twins."""
    lines = []
    for found in sorted(models, key=lambda m: (m.module, m.name)):
        module = Code(f"{package}{identifier(found.module)}")
        name, alias = found.name, names[found.digest]
        lines.append(Import(module, identifier(name), identifier(alias)))
        if found.digest in params:
            twin = (identifier(f"{name}Param"), identifier(f"{alias}Param"))
            lines.append(Import(module, *twin, runtime=False))
    return tuple(lines)


def _import_names(models: Iterable[SharedModel], taken: list[str]) -> dict[str, str]:
    found = sorted({(m.name, m.digest) for m in models})
    settled = class_names([(name, "") for name in taken] + found)[len(taken) :]
    return {digest: name for (_, digest), name in zip(found, settled, strict=True)}


def _field(
    python: str,
    p: TypedProperty,
    models: ModelNames,
    aliases: AliasNames,
    role: Role,
    brief: bool,
) -> Field:
    annotation = annotate(p.type, Role.RESULT, models, aliases)
    if not p.required:
        annotation = optional(annotation)
    if python != p.wire:
        annotation = Code(f"Annotated[{annotation}, Field(alias={literal(p.wire)})]")
    param = annotate(p.type, role, models, aliases)
    return Field(
        name=identifier(python),
        annotation=annotation,
        default=Code("" if p.required else " = None"),
        param=param if p.required else Code(f"NotRequired[{param}]"),
        doc=Code("") if brief else docstring(_field_doc(p)),
    )


def _field_doc(p: TypedProperty) -> str:
    text = description(p.schema)
    rest = facts(p.schema, text)
    if not text or not rest:
        return text or rest
    if "\n" in text:
        return f"{text}\n\n{rest}"
    return f"{stopped(text)} {rest}"
