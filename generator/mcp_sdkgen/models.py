"""Normalised types → Python types, through datamodel-code-generator.

The only importer of datamodel-code-generator. It is given one merged `$defs` document in which
every class and field has a name of ours (`M0`, `f0`), so nothing is left for it to number or to
fetch, and no text of a server reaches it but the values of enums. Its output is read with `ast`
and accepted only where it has the shape of a type; the values of literals are taken as values.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from .ir import ListOf, Literals, MapOf, ModelRef, Plain, TypeRef, UnionOf
from .schema import Type

_PLAIN = frozenset({"str", "int", "float", "bool", "None", "Any"})


class UnexpectedOutput(Exception):
    """datamodel-code-generator wrote something that is not one of the types it was asked for."""


def python_types(records: Sequence[Sequence[Type]]) -> list[list[TypeRef]]:
    """The Python type of every field of every record, in the order given.

    A record is the list of its fields' types; a reference names another record by its position:
    `{"$ref": "#/$defs/M<position>"}`. Raises `UnexpectedOutput`.
    """
    if not any(records):
        return [[] for _ in records]
    document = {
        "$defs": {
            f"M{number}": {
                "type": "object",
                "properties": {f"f{i}": type_ for i, type_ in enumerate(fields)},
                "required": [f"f{i}" for i in range(len(fields))],
                "additionalProperties": True,
            }
            for number, fields in enumerate(records)
        }
    }
    annotations = _annotations(_generate(document))
    found: list[list[TypeRef]] = []
    for number, fields in enumerate(records):
        written = annotations.get(f"M{number}", {})
        found.append([_parsed(written.get(f"f{i}")) for i in range(len(fields))])
    return found


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


def _union(parts: Iterable[TypeRef]) -> TypeRef:
    members: list[TypeRef] = []
    for part in parts:
        members += part.members if isinstance(part, UnionOf) else [part]
    return UnionOf(tuple(members))
