"""The typable subset of JSON Schema: what normalisation produces and models are made from.

A `Type` is a JSON Schema of one of these forms and no other:

    {}                                                anything
    {"type": "string" | "integer" | "number" | "boolean" | "null"}
    {"enum": [string | integer | boolean | null, ...]}
    {"type": "array", "items": Type}
    {"type": "array", "prefixItems": [Type, ...]}     a tuple; with "items", an open one
    {"type": "object", "additionalProperties": Type}  a map
    {"$ref": "#/$defs/<key of a model>"}
    {"anyOf": [Type, ...]}                            two or more, null last
    {"anyOf": [Type, ...], "discriminator": {"propertyName": name, "mapping": {value: key}}}
                                                      the value of a property tells which model

`NEVER` stands for "no value at all" and is gone before a type leaves the normaliser.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mcp_sdkgen_runtime.schema.json_types import json_type
from mcp_sdkgen_runtime.text import is_unicode

Type = dict[str, Any]

ANY: Type = {}
NEVER: Type = {"not": {}}
NULL: Type = {"type": "null"}
SCALARS = ("string", "integer", "number", "boolean", "null")
REF = "#/$defs/"

MAX_LITERALS = 500
MAX_ABSENT = 4
"""How many of a tuple's items may be absent: there is a type for each length that it may have."""
MAX_MEMBERS = 200
"""Of a union; a wider one says nothing that a reader or checker can use."""


def reference(key: str) -> Type:
    """The type of the model named `key`."""
    return {"$ref": REF + key}


def referenced(type_: Type) -> list[str]:
    """The keys of the models that `type_` mentions, in order, with repetitions."""
    if "$ref" in type_:
        return [type_["$ref"].removeprefix(REF)]
    return [key for child in parts(type_) for key in referenced(child)]


def parts(type_: Type) -> list[Type]:
    """The types that stand directly in `type_`, in the order of its keys above."""
    return [
        *type_.get("prefixItems", ()),
        *type_.get("anyOf", ()),
        *(type_[key] for key in ("items", "additionalProperties") if key in type_),
    ]


def members(type_: Type) -> list[Type]:
    """The alternatives of a type, none of them alternatives themselves."""
    if "anyOf" not in type_:
        return [type_]
    return [one for member in type_["anyOf"] for one in members(member)]


def item_at(type_: Type, index: int) -> Type:
    """The type of one item of an array; anything where no item can be."""
    prefix = type_.get("prefixItems", ())
    found: Type = prefix[index] if index < len(prefix) else type_.get("items", ANY)
    return found


def is_nullable(type_: Type) -> bool:
    """Whether `None` is one of the values of `type_`."""
    if "anyOf" in type_:
        return any(is_nullable(member) for member in type_["anyOf"])
    return type_ in (ANY, NULL) or None in type_.get("enum", ())


def canonical(value: Any) -> str:
    """`value` as JSON with sorted keys: equal exactly when the values are the same JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def literal(values: Iterable[Any]) -> Type:
    """The narrowest type for "one of these values"; `ANY` for none.

    Values that Python's `Literal` cannot hold, or cannot tell apart (`1`, `1.0`, `True`), are
    widened to their types.
    """
    distinct = list({canonical(value): value for value in values}.values())
    kinds = {json_type(value) for value in distinct}
    if (
        kinds <= {"string", "integer", "boolean", "null"}
        and not {"integer", "boolean"} <= kinds
        and len(distinct) <= MAX_LITERALS
        and all(abs(value) < 2**63 for value in distinct if isinstance(value, int))
        and all(is_unicode(value) for value in distinct if isinstance(value, str))
    ):
        if kinds == {"null"}:
            return NULL
        return {"enum": distinct} if distinct else ANY
    return union(_widened(value) for value in distinct)


def union(types: Iterable[Type]) -> Type:
    """Any of `types`: flat, without repetitions, literals together, null last."""
    given = list(types)
    flat = [one for type_ in given if type_ != NEVER for one in _flat(type_)]
    if not flat:
        return NEVER if given else ANY
    if ANY in flat:
        return ANY
    literals = [value for member in flat for value in member.get("enum", ())]
    plain = {canonical(member): member for member in flat if "enum" not in member}
    if literals:
        # A literal beside its own base type adds nothing that a reader or checker can use.
        literals = [v for v in literals if canonical({"type": json_type(v)}) not in plain]
        folded = literal(literals) if literals else NEVER
        for member in folded.get("anyOf", [] if folded == NEVER else [folded]):
            plain.setdefault(canonical(member), member)
    if canonical({"type": "number"}) in plain:
        plain.pop(canonical({"type": "integer"}), None)
    if len(plain) > MAX_MEMBERS:
        return ANY
    listed = [member for member in plain.values() if member != NULL]
    if NULL in plain.values():
        listed.append(NULL)
    return listed[0] if len(listed) == 1 else {"anyOf": listed}


def tuples(items: list[Type], further: Type, least: int) -> Type:
    """An array of these items and `further` ones, of which the first `least` are always there: a
    tuple for each length that it may have, the longest first."""
    # What nothing fits ends the array.
    length = items.index(NEVER) if NEVER in items else len(items)
    whole: Type = {"type": "array", "prefixItems": items[:length]}
    if length == len(items) and further != NEVER:
        if not items:
            return {"type": "array", "items": further}
        whole["items"] = further
    shorter = range(length - 1, least - 1, -1)
    return union([whole, *({"type": "array", "prefixItems": items[:count]} for count in shorter)])


def _flat(type_: Type) -> list[Type]:
    """The members of a union; one whose members a property tells apart is a member as a whole."""
    return [type_] if "discriminator" in type_ or "anyOf" not in type_ else list(type_["anyOf"])


def _widened(value: Any) -> Type:
    kind = json_type(value)
    if kind == "object":
        return {"type": "object", "additionalProperties": ANY}
    if kind == "array":
        return {"type": "array", "items": ANY}
    return {"type": kind}
