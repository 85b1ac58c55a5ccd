"""Models as classes, with their `TypedDict` twins."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable

from ..ir import Alias, Code, Field, Literals, Model, TypeRef
from ..names import field_names
from ..text import docstring, identifier, literal
from .annotations import Role, accepts_none, optional
from .describe import description, facts, stopped
from .typed import TypedProperty

Annotate = Callable[[TypeRef, Role], Code]
"""A type in the role of a value → its Python source, where the class stands."""

_PYTHON = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "array": "Sequence[Any]",
    "object": "Mapping[str, Any]",
}

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_NAME = re.compile(r"\w+")
_TAGGED = re.compile(r"Annotated\[([^\[\]]+), (Discriminated\((?:(?!Annotated\[).)*)")


def model(
    name: str,
    doc: str,
    properties: Iterable[TypedProperty],
    annotate: Annotate,
    *,
    param: str = "",
    role: Role = Role.ARGUMENT,
    received: Role = Role.DECODED,
    brief: bool = False,
    later: Container[str] = (),
    further: tuple[str, ...] | None = None,
    edition: int,
) -> Model:
    """One class, or only its `TypedDict` twin where `name` is empty.

    `param` names the twin, empty for none; `role` is how the twin's values are written, `received`
    how the attributes are. `brief`
    leaves out the documentation. `later` are names that need not be defined yet where the class
    is, so that a type that mentions one of them is written in quotes. `further` are the JSON types
    of keys that the schema allows without naming them, as `NormalisedModel` has them. `edition` is
    the SDK's.
    """
    listed = list(properties)
    wires = [p.wire for p in listed]
    names = field_names(wires, edition)
    fields = tuple(
        _field(python, p, annotate, (received, role), brief, later)
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
        further=docstring(_further(further, "")),
        extra=docstring(_further(further, " in .model_extra")),
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


def _further(types: tuple[str, ...] | None, where: str) -> str:
    # PEP 728 has `extra_items` for this, which mypy does not know. The check reads the docstring.
    if types is None:
        return ""
    values = " | ".join(_PYTHON[each] for each in types) or "Any"
    return f"Also any further keys{where}: {values}."


def _field(
    python: str,
    p: TypedProperty,
    annotate: Annotate,
    roles: tuple[Role, Role],
    brief: bool,
    later: Container[str],
) -> Field:
    annotation = annotate(p.type, roles[0])
    if not p.required:
        annotation = optional(annotation)
    annotation = _quoted(annotation, later)
    if python != p.wire:
        annotation = Code(f"Annotated[{annotation}, Field(alias={literal(p.wire)})]")
    param = _quoted(annotate(p.type, roles[1]), later)
    return Field(
        name=identifier(python),
        annotation=annotation,
        default=Code("" if p.required else " = None"),
        param=param if p.required else Code(f"NotRequired[{param}]"),
        doc=Code("") if brief else docstring(_field_doc(p)),
    )


def _quoted(annotation: Code, names: Container[str]) -> Code:
    if not _mentions(annotation, names):
        return annotation
    tagged = _TAGGED.fullmatch(annotation)
    if tagged is None or _mentions(tagged[2], names):
        return literal(annotation)
    # What tells the classes apart is long, and a line within quotes cannot be broken.
    return Code(f"Annotated[{literal(tagged[1])}, {tagged[2]}")


def _mentions(code: str, names: Container[str]) -> bool:
    return any(name in names for name in _NAME.findall(_STRING.sub("", code)))


def _field_doc(p: TypedProperty) -> str:
    text = description(p.schema)
    rest = facts(p.schema, text)
    if not text or not rest:
        return text or rest
    if "\n" in text:
        return f"{text}\n\n{rest}"
    return f"{stopped(text)} {rest}"
