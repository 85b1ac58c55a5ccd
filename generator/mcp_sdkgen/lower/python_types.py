"""Normalised types → Python types, through datamodel-code-generator.

The only importer of datamodel-code-generator. It is given one merged `$defs` document for many
tools, in which every class and field has a name of ours (`M0`, `f0`), so nothing is left for it to
number or to fetch, and no text of a server reaches it but the values of enums. Its output is read
with `ast` and accepted only where it has the shape of a type; literals are taken as values.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..ir import ListOf, Literals, MapOf, ModelRef, Plain, TaggedUnion, TupleOf, TypeRef, UnionOf
from ..schema import Type
from ..schema.subset import REF, canonical, parts, reference, referenced
from .annotations import literals_in

_PLAIN = frozenset({"str", "int", "float", "bool", "None", "Any"})


class UnexpectedOutput(Exception):
    """datamodel-code-generator wrote something that is not one of the types it was asked for."""


def python_types(records: Sequence[Sequence[Type]]) -> list[list[TypeRef]]:
    """The Python type of every field of every record, in the order given.

    A reference in them may have any key, `{"$ref": "#/$defs/<key>"}`, and comes back as the
    `ModelRef` of that key. Raises `UnexpectedOutput`.
    """
    asked = _asked([[leaf for type_ in row for leaf in _leaves(type_)] for row in records])
    answers = [iter(row) for row in asked]
    return [
        [_composed(type_, leaves) for type_ in row]
        for row, leaves in zip(records, answers, strict=True)
    ]


def _is_ours(type_: Type) -> bool:
    """Whether a tuple or a tagged union is in it: the library has no type for them, so they are put
    together here."""
    ours = "prefixItems" in type_ or "discriminator" in type_
    return ours or any(map(_is_ours, parts(type_)))


def _leaves(type_: Type) -> list[Type]:
    """What the library is asked for, to make `type_` of it."""
    return [leaf for p in parts(type_) for leaf in _leaves(p)] if _is_ours(type_) else [type_]


def _composed(type_: Type, leaves: Iterator[TypeRef]) -> TypeRef:
    """`type_` of the answers for its leaves, in their order."""
    if not _is_ours(type_):
        return next(leaves)
    made = [_composed(part, leaves) for part in parts(type_)]
    if "prefixItems" in type_:
        count = len(type_["prefixItems"])
        return TupleOf(tuple(made[:count]), made[count] if "items" in type_ else None)
    if "discriminator" in type_:
        said = type_["discriminator"]
        return TaggedUnion(tuple(made), said["propertyName"], tuple(said["mapping"].items()))
    if "anyOf" in type_:
        return _union(made)
    return ListOf(made[0]) if "items" in type_ else MapOf(made[0])


def _asked(records: Sequence[Sequence[Type]]) -> list[list[TypeRef]]:
    """What the library answers for types without tuples and tagged unions."""
    # Each distinct form is asked for once: tools repeat themselves a great deal, and which model
    # a reference means makes no difference to the form.
    forms = [[_form(type_) for type_ in fields] for fields in records]
    distinct = {canonical(form): form for row in forms for form, _ in row}
    if not distinct:
        return [[] for _ in records]
    models = {key for form in distinct.values() for key in referenced(form)}
    document = {"$defs": {"Types": _record(list(distinct.values()))}}
    document["$defs"] |= {key: _record([{"type": "string"}]) for key in sorted(models)}
    written = _annotations(_generate(document))["Types"]
    parsed = {name: _parsed(written.get(f"f{i}")) for i, name in enumerate(distinct)}
    _same_literals(distinct.values(), parsed.values())
    return [[_named(parsed[canonical(form)], keys) for form, keys in row] for row in forms]


def _form(type_: Type) -> tuple[Type, list[str]]:
    """`type_` with its references numbered `M0`, `M1` … in order, and the keys they stand for."""
    keys = list(dict.fromkeys(referenced(type_)))

    def go(part: Type) -> Type:
        if "$ref" in part:
            return reference(f"M{keys.index(part['$ref'].removeprefix(REF))}")
        form = dict(part)
        if "anyOf" in part:
            form["anyOf"] = [go(member) for member in part["anyOf"]]
        for key in ("items", "additionalProperties"):
            if key in part:
                form[key] = go(part[key])
        return form

    return go(type_) if keys else type_, keys


def _named(type_: TypeRef, keys: list[str]) -> TypeRef:
    match type_:
        case ModelRef(key):
            return ModelRef(keys[int(key[1:])])
        case ListOf(item):
            return ListOf(_named(item, keys))
        case MapOf(value):
            return MapOf(_named(value, keys))
        case UnionOf(members):
            return UnionOf(tuple(_named(member, keys) for member in members))
    return type_


def _record(fields: list[Type]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {f"f{i}": type_ for i, type_ in enumerate(fields)},
        "required": [f"f{i}" for i in range(len(fields))],
        "additionalProperties": True,
    }


def _same_literals(asked: Iterable[Type], written: Iterable[TypeRef]) -> None:
    """Values of enums are the only foreign text in the document: they must come out as they are."""
    for type_, read_back in zip(asked, written, strict=True):
        if "enum" in type_:
            values = {value for literal in literals_in(read_back) for value in literal.values}
            if values | {None} != set(type_["enum"]) | {None}:
                raise UnexpectedOutput("an enum came back with other values")


def _generate(document: dict[str, Any]) -> str:
    # Deferred: it takes half a second, and most verbs never need it.
    from datamodel_code_generator import GenerateConfig, InputFileType, NamingStrategy, generate
    from datamodel_code_generator.parser import LiteralType

    config = GenerateConfig(
        input_file_type=InputFileType.JsonSchema,
        preset="standard-py311-20261027",
        formatters=[],
        disable_timestamp=True,
        skip_root_model=True,
        allow_remote_refs=False,
        enum_field_as_literal=LiteralType.All,
        use_annotated=True,
        extra_fields="allow",
        naming_strategy=NamingStrategy.PrimaryFirst,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = generate(json.dumps(document), config=config)
    if not isinstance(text, str):
        raise UnexpectedOutput("no single module came back")
    return text


def _annotations(source: str) -> dict[str, dict[str, ast.expr]]:
    return {
        node.name: {
            item.target.id: item.annotation
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }


def _parsed(node: ast.expr | None) -> TypeRef:
    match node:
        case ast.Name(id=name) if name in _PLAIN:
            return Plain(name)
        case ast.Name(id=name) if name[:1] == "M" and name[1:].isdecimal():
            return ModelRef(name)
        case ast.Constant(value=None):
            return Plain("None")
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([_parsed(left), _parsed(right)])
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return ListOf(_parsed(item))
        case ast.Subscript(
            value=ast.Name(id="dict"), slice=ast.Tuple(elts=[ast.Name(id="str"), value])
        ):
            return MapOf(_parsed(value))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=values)):
            return Literals(tuple(_value(value) for value in values))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=value):
            return Literals((_value(value),))
    raise UnexpectedOutput(ast.dump(node) if node else "a field is missing")


def _value(node: ast.expr) -> str | int | bool | None:
    value = ast.literal_eval(node)
    if value is None or isinstance(value, str | int | bool):
        return value
    raise UnexpectedOutput(ast.dump(node))


def _union(types: Iterable[TypeRef]) -> TypeRef:
    members: list[TypeRef] = []
    for part in types:
        members += part.members if isinstance(part, UnionOf) else [part]
    return UnionOf(tuple(members))
