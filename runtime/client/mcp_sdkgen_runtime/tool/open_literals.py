"""Core schemas of results that survive a server's growth and keep its JSON exact.

A generated model says `Literal["minor", "severe"]`, so that checkers know the values of today. At
run time a value the server added tomorrow must not break a caller: a literal also accepts any other
value of the same JSON type. Inside a union the known literals are tried first, because they are
what tells the members apart. Numbers and booleans are read as JSON has them, without pydantic's
conversions: "5" is no integer, while 1.0 is one.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import CoreSchema, core_schema

_OPENED = "mcp_sdkgen_opened"
_closed: ContextVar[bool] = ContextVar("mcp_sdkgen_closed_literals", default=False)
_EXACT_BELOW = 2**53
"""Every whole number nearer to 0 is a float; 2**53 + 1 would be rounded to this one."""
_SCALARS = {"literal", "str", "int", "float", "bool", "none", "any"}
_KIND_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def opened(schema: CoreSchema) -> CoreSchema:
    """The same schema with literals open and scalars exact. References are left as they are.

    The models behind references open themselves: `Model` calls this for its own schema.
    """
    return cast(CoreSchema, _walk(schema))


def _walk(node: Any) -> Any:
    if isinstance(node, list):
        return [_walk(item) for item in node]
    if isinstance(node, tuple):
        return tuple(_walk(item) for item in node)
    if not isinstance(node, dict):
        return node
    kind = node.get("type")
    if _OPENED in (node.get("metadata") or {}) or kind == "definition-ref":
        return node
    if kind == "literal":
        return _literal(node)
    if kind == "int" and len(_constraints(node)) == 0:
        return _integer()
    if kind == "float" and len(_constraints(node)) == 0:
        return _number()
    if kind == "tuple":
        # A tuple came from a JSON array, and its dump is one in every mode.
        as_list = core_schema.wrap_serializer_function_ser_schema(_listed)
        return _marked(
            {**node, "items_schema": _walk(node["items_schema"]), "serialization": as_list}
        )
    if kind == "bool":
        return {**node, "strict": True}
    inner = {key: _part(key, value) for key, value in node.items()}
    if kind == "union" and any(_can_be_tagged(choice) for choice in node["choices"]):
        return _marked(core_schema.no_info_wrap_validator_function(_known_first, cast(Any, inner)))
    return inner


def _part(key: str, value: Any) -> Any:
    if key in ("metadata", "serialization", "default", "cls", "config"):
        return value  # values, not schemas
    if key in ("fields", "choices") and isinstance(value, dict):
        return {name: _walk(schema) for name, schema in value.items()}
    return _walk(value)


def _constraints(node: dict[str, Any]) -> set[str]:
    return set(node) - {"type", "metadata", "strict", "serialization", "ref"}


def _can_be_tagged(choice: Any) -> bool:
    schema = choice[0] if isinstance(choice, tuple) else choice
    return schema["type"] not in _SCALARS


def _marked(schema: Any) -> Any:
    schema["metadata"] = {**(schema.get("metadata") or {}), _OPENED: True}
    return schema


def _literal(node: dict[str, Any]) -> Any:
    kinds = tuple({type(value) for value in node["expected"]})
    if not set(kinds) <= set(_KIND_NAMES):
        return node
    accepted = (*kinds, float) if int in kinds else kinds

    def unknown(value: Any) -> Any:
        if _closed.get() or type(value) not in accepted:
            raise ValueError("not of the literal's type")
        return value

    other = core_schema.no_info_after_validator_function(unknown, core_schema.any_schema())
    # The literal itself stays first: a known value never costs a Python call.
    names = " or ".join(sorted(_KIND_NAMES[kind] for kind in kinds))
    message = f"Input should be a {names}"
    return _either(cast(CoreSchema, node), other, error="literal_type", message=message)


def _known_first(value: Any, handler: core_schema.ValidatorFunctionWrapHandler) -> Any:
    if _closed.get():
        return handler(value)
    token = _closed.set(True)
    try:
        return handler(value)
    except ValidationError:
        pass
    finally:
        _closed.reset(token)
    return handler(value)


def _listed(value: Any, handler: core_schema.SerializerFunctionWrapHandler) -> Any:
    dumped = handler(value)
    return list(dumped) if isinstance(dumped, tuple) else dumped


def _integer() -> Any:
    whole = core_schema.chain_schema(
        [core_schema.float_schema(strict=True), core_schema.int_schema()]
    )
    return _either(core_schema.int_schema(strict=True), whole, error="int_type")


def _number() -> Any:
    # The limit is compared after rounding, so it does not belong to what is exact.
    near = core_schema.float_schema(strict=True, gt=-_EXACT_BELOW, lt=_EXACT_BELOW)
    # A float would lose digits of an integer this large.
    huge = core_schema.int_schema(strict=True)
    return _either(near, huge, core_schema.float_schema(strict=True), error="float_type")


def _either(*choices: CoreSchema, error: str, message: str | None = None) -> Any:
    return _marked(
        core_schema.union_schema(
            list(choices),
            mode="left_to_right",
            custom_error_type=error,
            custom_error_message=message,
        )
    )
