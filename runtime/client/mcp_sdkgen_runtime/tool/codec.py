"""The call path without I/O: values in, wire data out, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from ..content.json_text import json_readings, text_readings, texts_of
from ..content.results import Observed, RawResult, Unstructured
from ..content.text_result import ObservedText, ResultText
from ..errors import ArgumentsError, ResultError, ToolError
from ..observability.log import logger
from ..schema.validation import Misfit, pointer
from ..text import NOT_UNICODE, is_unicode, shortened, shortened_text
from ..types import OMIT
from .tool import Arguments, Tool, fields_of

_MAX_STRUCTURED = 500
"""Characters that an error shows of a failure that is told as data only."""

ResultT = TypeVar("ResultT")

_log = logger(__name__)
_FORMAT_HINT = "if the server takes it all the same, use `with_options(check_formats=False)`"
_PLAIN = (int, bool, type(None))
_EXACT_FLOAT = 2**53
_TEXT: TypeAdapter[str] = TypeAdapter(str)


def encode(
    tool: Tool[Any],
    given: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
    *,
    check_formats: bool = True,
) -> dict[str, Any]:
    """The arguments of a call as the server wants them.

    `given` has every argument under its wire or Python name. `OMIT` is dropped, and None too where
    the schema does not allow null. Keys of objects inside may have either name too. `extra` has
    arguments that the schema allows without naming them, by wire name. What is left is validated
    exactly against the original schema; its formats leniently, and only with `check_formats` (see
    `schema.formats`). Raises `ArgumentsError`.
    """
    nullable, names = tool.nullable, tool.argument_names
    sent: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for key, value in given.items():
        name, wire = names.get(key, (key, key))
        if value is OMIT or (value is None and name not in nullable):
            continue
        sent[wire] = _sent_value(tool, name, value)
        kept[name] = value
    for key, value in (extra or {}).items():
        if key in sent:
            raise ArgumentsError(
                f"argument {key!r}: given twice, by name and among the extra arguments",
                server=tool.server, tool=tool.name, argument=key, rule="unique", value=value,
            )  # fmt: skip
        if value is not OMIT:
            kept[key] = sent[key] = _sent_value(tool, key, value)
    if any(map(_holds_mapping, kept.values())):
        sent = _respelled(tool, sent)
    check = tool.check if check_formats else tool.check_without_formats
    if check is None:
        if tool.arguments is not None:
            _check_loosely(tool, tool.arguments, kept)
    elif (misfit := check(sent)) is not None:
        raise _arguments_error(tool, misfit)
    return sent


def _sent_value(tool: Tool[Any], name: str, value: Any) -> Any:
    try:
        return wire_value(value)
    except (ValueError, PydanticSerializationError, RecursionError) as error:
        raise ArgumentsError(
            f"argument {name!r}: {error}; got {shortened(value)}",
            server=tool.server, tool=tool.name, argument=name, rule="json", value=value,
        ) from error  # fmt: skip


def _holds_mapping(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and any(map(_holds_mapping, value))


def _respelled(tool: Tool[Any], sent: dict[str, Any]) -> dict[str, Any]:
    from .spelling import AmbiguousKeyError

    try:
        return tool.spelling.wire(sent)
    except AmbiguousKeyError as error:
        argument = _python_name(tool, str(error.path[0]))
        raise ArgumentsError(
            f"argument {argument + pointer(error.path[1:])!r}: {error}",
            server=tool.server, tool=tool.name, argument=argument, path=error.path[1:],
            rule="unique", value=error.value,
        ) from None  # fmt: skip


def wire_value(value: Any) -> Any:
    """A Python value as JSON data with wire keys. Raises `ValueError` when it has no JSON form.

    Models are dumped by alias, only fields that were set, without None where that is not allowed.
    """
    if isinstance(value, _PLAIN) or (isinstance(value, str) and _sendable(value)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("not a JSON number")
        # 5.0 and 5 are one number in JSON, but servers that want an integer refuse the first.
        return int(value) if value.is_integer() and abs(value) <= _EXACT_FLOAT else value
    if isinstance(value, BaseModel):
        return dict(_model_items(value))
    if isinstance(value, Mapping):
        return {_key(key): wire_value(item) for key, item in value.items() if item is not OMIT}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [wire_value(item) for item in value]
    return to_jsonable_python(value)


def _sendable(text: str) -> bool:
    if not is_unicode(text):
        raise ValueError(NOT_UNICODE)
    return True


def _key(key: Any) -> str:
    if isinstance(key, str):
        _sendable(key)
        return key
    raise ValueError(f"the key {shortened(key)} is not a string")


def _model_items(model: BaseModel) -> Iterator[tuple[str, Any]]:
    fields = fields_of(type(model))
    nullable: frozenset[str] = getattr(model, "NULLABLE", frozenset())
    for name, field in fields.items():
        value = getattr(model, name, OMIT) if name in model.model_fields_set else OMIT
        if value is not OMIT and (value is not None or name in nullable):
            yield name if field.alias is None else field.alias, wire_value(value)
    # An extra key is the caller's own: it is sent as it is, null included.
    for name, value in (model.model_extra or {}).items():
        yield name, wire_value(value)


def _check_loosely(tool: Tool[Any], arguments: type[Arguments], given: dict[str, Any]) -> None:
    # As JSON, and strictly: "5" is no number, nor 5 a text.
    data = json.dumps({name: wire_value(value) for name, value in given.items()})
    try:
        arguments.model_validate_json(data, strict=True, by_name=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else None
        raise ArgumentsError(
            f"{_place(name, first['loc'][1:])}: {first['msg']}; got {shortened(first['input'])}",
            server=tool.server, tool=tool.name, argument=name, path=first["loc"][1:],
            rule=first["type"], value=first["input"],
        ) from error  # fmt: skip


def _arguments_error(tool: Tool[Any], misfit: Misfit) -> ArgumentsError:
    path = list(misfit.path)
    argument = _python_name(tool, str(path[0])) if path else None
    wrong, unknown = misfit.wrong, ""
    if argument is not None and isinstance(misfit.value, dict):
        unknown = tool.spelling.unknown_key(misfit, argument + pointer(path[1:]))
    if misfit.missing is not None:
        wrong = "is missing"
        if path:
            path.append(misfit.missing)
        else:
            argument = _python_name(tool, misfit.missing)
    place = _place(argument, path[1:])
    return ArgumentsError(
        unknown or (f"{place}: {wrong}" if argument else wrong),
        server=tool.server, tool=tool.name, argument=argument, path=path[1:],
        rule=misfit.rule, value=misfit.value,
        hint=_FORMAT_HINT if misfit.rule == "format" else "",
    )  # fmt: skip


def _python_name(tool: Tool[Any], wire: str) -> str:
    return next((name for name, known in tool.wire_names.items() if known == wire), wire)


def _place(argument: str | None, path: Sequence[str | int]) -> str:
    if argument is None:
        return "arguments"
    return f"argument {argument + pointer(path)!r}"


def decode(tool: Tool[ResultT], raw: RawResult, *, lenient: bool = False) -> ResultT:
    """A tool's answer as its declared type. Raises `ToolError` and `ResultError`.

    With `lenient`, an answer that does not fit is read as far as it does (see `lenient`) instead
    of raising `ResultError`, unless there is no data at all. An observed tool's answer that does
    not fit has no data and says why, and nothing is raised.
    """
    if raw.fault and not lenient:
        raise ResultError(
            f"the answer breaks the protocol: {raw.fault}",
            server=tool.server, tool=tool.name,
            data=raw.answer, place=raw.fault.partition(":")[0], answer=raw.answer,
        )  # fmt: skip
    if raw.is_error:
        structured = None if raw.structured is OMIT else raw.structured
        told = "failed without a message"
        if structured not in (None, {}):
            told = f"failed with {shortened(structured, _MAX_STRUCTURED)}"
        raise ToolError(
            shortened_text(raw.text) or told,
            server=tool.server, tool=tool.name, text=raw.text, content=raw.content,
            structured=structured,
        )  # fmt: skip
    if tool.result is Unstructured:
        structured = None if raw.structured is OMIT else raw.structured
        answer: Any = Unstructured(raw.content, structured, tool.server, tool.name, raw.notes)
        return answer  # type: ignore[no-any-return]
    if tool.is_text:
        return _as_text(tool, raw, lenient)  # type: ignore[no-any-return]
    if tool.is_observed:
        return _as_observed(tool, raw, lenient)  # type: ignore[no-any-return]
    if raw.notes:
        _log.warning("%r: an answer is not as the protocol has it: %s", tool, "; ".join(raw.notes))
    return _typed(tool, raw, lenient)  # type: ignore[no-any-return]


def _as_text(tool: Tool[Any], raw: RawResult, lenient: bool) -> Any:
    text = _fitting(tool, raw, _TEXT, _candidates(tool, raw), lenient)
    if not isinstance(text, str):
        return text  # read leniently
    if not tool.is_observed:
        return ResultText.of(text, tool.server, tool.name, raw.notes)
    found: ObservedText[Any] = ObservedText.of(text, tool.server, tool.name, raw.notes)
    try:
        readings = list(text_readings(text)) or [found.json()]
        found.data = _fitting(tool, raw, tool.result_adapter, readings, lenient)
    except ResultError as error:
        found.fault = error
    return found


def _as_observed(tool: Tool[Any], raw: RawResult, lenient: bool) -> Any:
    data, fault = None, None
    try:
        data = _typed(tool, raw, lenient)
    except ResultError as error:
        fault = error
    structured = None if raw.structured is OMIT else raw.structured
    return Observed(raw.content, structured, tool.server, tool.name, raw.notes, data, fault)


def _typed(tool: Tool[Any], raw: RawResult, lenient: bool) -> Any:
    return _fitting(tool, raw, tool.result_adapter, _candidates(tool, raw), lenient)


def _fitting(
    tool: Tool[Any],
    raw: RawResult,
    adapter: TypeAdapter[Any],
    candidates: Iterable[Any],
    lenient: bool,
) -> Any:
    first: ValidationError | None = None
    data: Any = OMIT
    for candidate in candidates:
        try:
            return adapter.validate_python(candidate, by_alias=True, by_name=False)
        except ValidationError as error:
            if first is None:
                first, data = error, candidate
    if lenient and first is not None:
        from .lenient import best_effort

        found = best_effort(tool.data_type, data)
        _log.warning(
            "%r: an answer does not fit its schema in %d places, and is used all the same",
            tool,
            first.error_count(),
        )
        return found
    raise _result_error(tool, raw, first, data)


def _candidates(tool: Tool[Any], raw: RawResult) -> Iterator[Any]:
    """Readings of an answer, the most likely first.

    Structured content comes first. Servers that declare an output schema but send only text mean
    that text, as JSON or, for a string result, as it is.
    """
    if raw.structured is not OMIT:
        yield from _unwrapped(tool, raw.structured)
        if raw.structured is not None:
            return
    for _, found in json_readings(raw.content):
        yield from _unwrapped(tool, found)
    if texts_of(raw.content):
        yield raw.text
    elif tool.is_observed and not raw.content:
        yield []  # a list with a block for each item, and no item


def _unwrapped(tool: Tool[Any], data: Any) -> Iterator[Any]:
    if tool.unwrap is not None and isinstance(data, dict) and tool.unwrap in data:
        yield data[tool.unwrap]
    else:
        yield data


def _result_error(
    tool: Tool[Any], raw: RawResult, error: ValidationError | None, data: Any
) -> ResultError:
    if error is None:
        return ResultError(
            "the answer has no structured content, which the output schema promises",
            server=tool.server, tool=tool.name,
            data=raw.content, place="structuredContent", answer=raw.answer,
        )  # fmt: skip
    from ..observability.secret_set import EVERY_SECRET  # nothing imports it until this fails

    first = error.errors(include_url=False)[0]
    place = _result_place(data, first["loc"])
    said = EVERY_SECRET.cleaned([place or "the answer", first["msg"], first["input"]])
    got = "" if first["type"] == "missing" else f"; got {shortened(said[2])}"
    return ResultError(
        f"{said[0]}: {said[1]}{got}",
        server=tool.server, tool=tool.name, data=data, place=place, answer=raw.answer,
    )  # fmt: skip


def _result_place(data: Any, loc: Sequence[str | int]) -> str:
    """`days[0].high`: the location without pydantic's labels for union members and validators."""
    found: list[str | int] = []
    for index, part in enumerate(loc):
        if isinstance(data, dict):
            last = index == len(loc) - 1
            if part not in data and not last:
                continue
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            continue
        found.append(part)
    return pointer(found).lstrip(".")
