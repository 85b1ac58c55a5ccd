"""The decisions: everything the templates see, and nothing else.

Frozen and ordered. `Code` is Python source and `Prose` is Markdown, each made safe for the place
where a template puts it. Only `text.py`, `annotation.py` and `lower/` compose them, from values
that `text.py` has escaped, so mypy proves that no server text reaches a template raw.
"""

from __future__ import annotations

from dataclasses import dataclass

from .escaped import Code as Code
from .escaped import Prose as Prose

# ── types ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Plain:
    """A type without parts: `str`, `int`, `float`, `bool`, `None` or `Any`."""

    name: str


@dataclass(frozen=True, slots=True)
class Literals:
    """One of these values, each a string, an integer, a boolean or `None`."""

    values: tuple[str | int | bool | None, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A JSON array."""

    item: TypeRef


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A JSON array with a type for each of its first items; `rest` is that of further ones, `None`
    where there are none."""

    items: tuple[TypeRef, ...]
    rest: TypeRef | None = None


@dataclass(frozen=True, slots=True)
class MapOf:
    """A JSON object without known properties."""

    value: TypeRef


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A generated model, by its key in the merged document."""

    key: str


@dataclass(frozen=True, slots=True)
class UnionOf:
    """Any of several types."""

    members: tuple[TypeRef, ...]


@dataclass(frozen=True, slots=True)
class TaggedUnion:
    """Any of several types, of which a property tells which one: `mapping` has its values, each
    with the key of the model that it means."""

    members: tuple[TypeRef, ...]
    property: str
    mapping: tuple[tuple[str, str], ...]


TypeRef = Plain | Literals | ListOf | TupleOf | MapOf | ModelRef | UnionOf | TaggedUnion


# ── what templates see ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a model. `param` is its type in the model's `TypedDict` twin."""

    name: Code
    annotation: Code
    default: Code
    param: Code
    doc: Code


@dataclass(frozen=True, slots=True)
class Model:
    """One generated class. `param` names its `TypedDict` twin, empty where none is needed.

    `further` and `extra` are docstrings about keys that the schema allows without naming them, for
    the twin and for the class as a result; empty where it allows none.
    """

    name: Code
    doc: Code
    fields: tuple[Field, ...]
    nullable: Code
    param: Code
    further: Code
    extra: Code


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a long `Literal`, whose `values` are these; `rest` is `| None` or nothing."""

    name: Code
    values: tuple[Code, ...]
    rest: Code


@dataclass(frozen=True, slots=True)
class Import:
    """`from <module> import <names>`."""

    module: Code
    names: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class ModelModule:
    """A module of `<package>.types`: one class or named `Literal`, or some that need each other."""

    name: Code
    imports: tuple[Import, ...]
    aliases: tuple[Alias, ...]
    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A name that `<package>.types` has, and the module that defines it."""

    name: Code
    module: Code


@dataclass(frozen=True, slots=True)
class Argument:
    """One keyword argument of a method. `parameter` is its text in the signature."""

    name: Code
    wire: Code
    parameter: Code
    doc: Code


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a Markdown table about a resource."""

    name: Prose
    type: Prose
    required: Prose
    limits: Prose
    doc: Prose


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: one method on each client, one module, one definition file.

    `names` are the arguments whose wire name is another than the Python name; `nullable` those
    that may be `null`. `checked` is the class that checks arguments where the schema cannot.
    """

    method: Code
    wire: Code
    digest: Code
    descriptor: Code
    summary: Code
    arguments: tuple[Argument, ...]
    extra: Argument | None
    names: tuple[Code, ...]
    nullable: tuple[Code, ...]
    checked: Model | None
    returns: Code
    result: Code
    unwrap: Code
    imports: tuple[Import, ...]
    table_signature: Prose
    table_returns: Prose
    table_doc: Prose
    example: Prose


@dataclass(frozen=True, slots=True)
class Call:
    """A prompt or a resource template as a method. `summary` is the first sentence of `doc`."""

    method: Code
    wire: Code
    summary: Code
    doc: Code
    arguments: tuple[Argument, ...]
    table_doc: Prose
    table_wire: Prose


@dataclass(frozen=True, slots=True)
class SurfaceMethod:
    """One method on the one-page stub."""

    method: Code
    parameters: tuple[Code, ...]
    returns: Code
    doc: Code


@dataclass(frozen=True, slots=True)
class Surface:
    """The whole SDK on one page: models, aliases and methods in stub syntax."""

    aliases: tuple[Alias, ...]
    models: tuple[Model, ...]
    methods: tuple[SurfaceMethod, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the SDK with its changes."""

    version: Prose
    changes: tuple[Prose, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """A whole SDK."""

    wire: Code
    title: Prose
    doc: Code
    slug: Code
    distribution: Code
    wheel: Code
    package: Code
    class_name: Code
    instance: Code
    version: Code
    generator: Code
    runtime: Code
    binding: Code
    digest: Code
    description: Prose
    tools: tuple[Tool, ...]
    modules: tuple[ModelModule, ...]
    exports: tuple[Export, ...]
    prompts: tuple[Call, ...]
    templates: tuple[Call, ...]
    resources: tuple[Row, ...]
    has_resources: bool
    surface: Surface
    releases: tuple[Release, ...]
    example: Prose
