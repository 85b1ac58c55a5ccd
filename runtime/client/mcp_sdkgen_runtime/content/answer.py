"""A `tools/call` result as a server sent it, read as far as it can be.

Data that is there is not lost for a blemish beside it. The specification is that of 2026-07-28,
https://modelcontextprotocol.io/specification/2026-07-28/server/tools; what earlier versions and
widespread libraries send is read too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..text import shortened
from ..types import OMIT
from .blocks import Notes, blocks_of, kind_of
from .results import BARE, RawResult

if TYPE_CHECKING:
    from ..observability.secret_set import SecretSet

_COMPLETE: Final = "complete"
_OTHER_NAMES: Final = {"structured_content": "structuredContent", "is_error": "isError"}
_NO_DATA: Final = frozenset({"_meta", "resultType", "isError", "ttlMs", "cacheScope"})
_FALSE: Final = frozenset({"", "false", "0", "no"})


def read_answer(result: Any) -> RawResult:
    """What a `tools/call` result says. Never raises: see the fields of `RawResult`."""
    if isinstance(result, dict) and set(result) == {BARE}:
        result = result[BARE]
    if not isinstance(result, dict):
        return _of_no_object(result)
    notes = Notes()
    given = _renamed(result, notes)
    kind = given.get("resultType", _COMPLETE)
    fault = ""
    if kind not in (_COMPLETE, None):
        notes.add("resultType", f"{shortened(kind)} is unknown")
        fault = notes.lines[-1]
    content = given.get("content")
    structured = given.get("structuredContent", OMIT)
    if content is None and structured is OMIT:
        structured = _elsewhere(given, notes)
    blocks = blocks_of(content, "content", notes)
    is_error = _truth(given.get("isError"), notes)
    lines = notes.lines
    return RawResult(blocks, structured, is_error, lines, fault, result if lines else None)


def read_safely(result: Any, secrets: SecretSet) -> RawResult:
    """As `read_answer`; words about what went wrong are without secrets, data stays as it is."""
    raw = read_answer(result)
    is_wrong = raw.is_error or raw.fault
    return read_answer(secrets.cleaned(result)) if is_wrong else raw


def _of_no_object(result: Any) -> RawResult:
    notes = Notes()
    notes.add("result", f"{kind_of(result)} in place of an object")
    fault = notes.lines[0]
    sent = {BARE: result}
    looks_like_blocks = isinstance(result, list) and any(
        isinstance(item, dict) and isinstance(item.get("type"), str) for item in result
    )
    if result is None or isinstance(result, str) or looks_like_blocks:
        blocks = blocks_of([result] if isinstance(result, str) else result, "result", notes)
        return RawResult(blocks, OMIT, False, notes.lines, fault, sent)
    return RawResult([], result, False, notes.lines, fault, sent)


def _renamed(result: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    """The result with the wire's names, where a Python library has not renamed its fields."""
    if not _OTHER_NAMES.keys() & result.keys():
        return result
    given = dict(result)
    for name, wire in _OTHER_NAMES.items():
        if name in given and wire not in given:
            notes.add(name, f"read as {wire}")
            given[wire] = given.pop(name)
    return given


def _elsewhere(given: Mapping[str, Any], notes: Notes) -> Any:
    """The data of a result that has neither content nor structured content."""
    if "toolResult" in given:  # the protocol of 2024-10-07
        notes.add("content", "is missing; `toolResult` is read as structured content")
        return given["toolResult"]
    rest = {key: value for key, value in given.items() if key not in _NO_DATA and key != "content"}
    if rest:
        notes.add("content", "is missing; the other fields are read as structured content")
        return rest
    notes.add("content", "is null" if "content" in given else "is missing")
    return OMIT


def _truth(value: Any, notes: Notes) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    found = bool(value) and str(value).strip().lower() not in _FALSE
    notes.add("isError", f"{kind_of(value)} in place of a boolean, read as {str(found).lower()}")
    return found
