"""The typable subset of JSON Schema: what normalisation produces and models are made from.

A `Type` is a JSON Schema of one of these forms and no other:

    {}                                                anything
    {"type": "string" | "integer" | "number" | "boolean" | "null"}
    {"enum": [string | integer | boolean | null, ...]}
    {"type": "array", "items": Type}
    {"type": "object", "additionalProperties": Type}  a map
    {"$ref": "#/$defs/<key of a model>"}
    {"anyOf": [Type, ...]}                            two or more, null last

`NEVER` stands for "no value at all" and is gone before a type leaves the normaliser.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mcp_sdkgen_runtime.schema.json_types import json_type

Type = dict[str, Any]

ANY: Type = {}
NEVER: Type = {"not": {}}
NULL: Type = {"type": "null"}
SCALARS = ("string", "integer", "number", "boolean", "null")
REF = "#/$defs/"

MAX_LITERALS = 500
MAX_MEMBERS = 200
"""Of a union; a wider one says nothing that a reader or checker can use."""


def reference(key: str) -> Type:
    """The type of the model named `key`."""
    return {"$ref": REF + key}


def referenced(type_: Type) -> list[str]:
    """The keys of the models that `type_` mentions, in order, with repetitions."""
    if "$ref" in type_:
        return [type_["$ref"].removeprefix(REF)]
    below = list(type_.get("anyOf", ()))
    below += [type_[key] for key in ("items", "additionalProperties") if key in type_]
    return [key for child in below for key in referenced(child)]


def is_nullable(type_: Type) -> bool:
    """Whether `None` is one of the values of `type_`."""
    if "anyOf" in type_:
        return any(is_nullable(member) for member in type_["anyOf"])
    return type_ in (ANY, NULL) or None in type_.get("enum", ())


def canonical(value: Any) -> str:
    """`value` as JSON with sorted keys: equal exactly when the values are the same JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def is_unicode(text: str) -> bool:
    """Whether `text` can be sent at all: one with a lone surrogate has no UTF-8 form."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


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
    members = list(types)
    flat = [member for type_ in members if type_ != NEVER for member in type_.get("anyOf", [type_])]
    if not flat:
        return NEVER if members else ANY
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
    members = [member for member in plain.values() if member != NULL]
    if NULL in plain.values():
        members.append(NULL)
    return members[0] if len(members) == 1 else {"anyOf": members}


def _widened(value: Any) -> Type:
    kind = json_type(value)
    if kind == "object":
        return {"type": "object", "additionalProperties": ANY}
    if kind == "array":
        return {"type": "array", "items": ANY}
    return {"type": kind}
