"""The best that can be made of an answer in another shape than promised."""

from __future__ import annotations

from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from .annotations import Discriminated, OpenTuple, further
from .tool import Model, OpenLiterals, fields_of


def best_effort(kind: Any, data: Any) -> Any:
    """`data` as `kind`, as far as it fits; what does not fit stays the raw JSON it is.

    A field that is missing though required is None. Nothing is lost: the dump is still the data.
    """
    try:
        return _adapter(kind).validate_python(data, by_alias=True, by_name=False)
    except ValidationError:
        pass
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        if isinstance(data, list) and any(isinstance(one, OpenTuple) for one in kind.__metadata__):
            return _tuple(get_args(arguments[0]), data)
        tags = [one for one in kind.__metadata__ if isinstance(one, Discriminated)]
        meant = [one for tag in tags if (one := tag.meant(data, arguments[0])) is not None]
        return best_effort(meant[0] if meant else arguments[0], data)
    if isinstance(kind, type) and issubclass(kind, Model) and isinstance(data, dict):
        return _model(kind, data)
    if origin is list and isinstance(data, list):
        return [best_effort(arguments[0], item) for item in data]
    if origin is tuple and isinstance(data, list):
        return _tuple(arguments, data)
    if origin is dict and isinstance(data, dict):
        return {key: best_effort(arguments[1], value) for key, value in data.items()}
    if origin in (Union, UnionType):
        members = [member for member in arguments if member is not NoneType]
        if len(members) == 1:
            return best_effort(members[0], data)
    return data


def misfits(result: Any) -> list[str]:
    """Where a leniently read result does not keep its promise: a line for each place."""
    if isinstance(result, BaseModel):
        try:
            type(result).model_validate(result.model_dump(), by_alias=True, by_name=False)
        except ValidationError as error:
            return [
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
                for fault in error.errors(include_url=False)
            ]
    if isinstance(result, list | tuple):
        return [f"{i}.{line}" for i, item in enumerate(result) for line in misfits(item)]
    if isinstance(result, dict):
        return [f"{key}.{line}" for key, item in result.items() for line in misfits(item)]
    return []


def _tuple(kinds: tuple[Any, ...], data: list[Any]) -> tuple[Any, ...]:
    """The items as far as they fit, and those for which there is no type as they are."""
    read = []
    for at, item in enumerate(data):
        kind = kinds[min(at, len(kinds) - 1)] if kinds else Any
        if (rest := further(kind)) is not None:
            read.append(best_effort(rest, item))
        else:
            read.append(best_effort(kind, item) if at < len(kinds) else item)
    return tuple(read)


@lru_cache(maxsize=1024)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    opened: Any = Annotated[kind, OpenLiterals()]
    return TypeAdapter(opened)


def _model(kind: type[Model], data: dict[str, Any]) -> Model:
    known: dict[str, Any] = {}
    absent: dict[str, Any] = {}
    rest = dict(data)
    for name, field in fields_of(kind).items():
        wire = name if field.alias is None else field.alias
        if wire in rest:
            marks = [one for one in field.metadata if isinstance(one, Discriminated | OpenTuple)]
            whole: Any = Annotated[field.annotation, *marks] if marks else field.annotation
            known[name] = best_effort(whole, rest.pop(wire))
        elif field.is_required():
            absent[name] = None
    made = kind.model_construct(_fields_set={*known, *rest})
    # Past `__setattr__`: these are not assignments by a caller, and must not count as set.
    made.__dict__.update(absent)
    made.__dict__.update(known)
    if made.__pydantic_extra__ is not None:
        made.__pydantic_extra__.update(rest)
    return made
