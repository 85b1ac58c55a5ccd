"""Content blocks as servers send them, read as far as they can be.

What is not as the protocol has it costs a note, not the answer: a block that can be understood is
given the form of the protocol, any other is kept as it came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ..text import shortened

Block = dict[str, Any]

KINDS: Final = frozenset({"text", "image", "audio", "resource", "resource_link"})
"""The types of blocks that the protocol has, as of 2026-07-28."""
UNKNOWN: Final = "unknown"
"""The type of a block that stands for an item that is no object. `value` is the item."""
MAX_NOTES: Final = 20

_AUDIENCE: Final = ("user", "assistant")
_SNAKE: Final = {"mime_type": "mimeType", "meta": "_meta"}
"""Names that a Python library gives to fields it has not renamed for the wire."""
_NAMES: Final = {dict: "an object", list: "a list", str: "a text", bool: "a boolean"}


class Notes:
    """What of an answer is not as the protocol has it: a line for each place, the first twenty."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._more = 0

    def add(self, place: str, what: str) -> None:
        """Note what is odd at a place such as `content[0].text`."""
        if len(self._lines) < MAX_NOTES:
            self._lines.append(f"{place}: {what}")
        else:
            self._more += 1

    @property
    def lines(self) -> tuple[str, ...]:
        """The notes. A last line counts those that are left out."""
        more = (f"{self._more} more",) if self._more else ()
        return (*self._lines, *more)


def is_known(kind: Any) -> bool:
    """Whether the protocol has blocks of this type."""
    return isinstance(kind, str) and kind in KINDS


def kind_of(value: Any) -> str:
    """What a JSON value is, in words: `a list`, `null`."""
    if value is None:
        return "null"
    return _NAMES.get(type(value), "a number" if isinstance(value, int | float) else "no JSON")


def blocks_of(value: Any, place: str, notes: Notes) -> list[Block]:
    """The blocks in the value of a field `content`, each with a `type`."""
    if isinstance(value, list):
        return [_block(item, f"{place}[{index}]", notes) for index, item in enumerate(value)]
    if value is None:
        return []
    notes.add(place, f"{kind_of(value)} in place of a list of blocks")
    return [_block(value, place, notes, alone=True)]


def block_of(value: Any, place: str, notes: Notes) -> Block:
    """One block."""
    return _block(value, place, notes)


def _block(item: Any, place: str, notes: Notes, *, alone: bool = False) -> Block:
    if isinstance(item, str):
        if not alone:
            notes.add(place, "a text in place of a block")
        return {"type": "text", "text": item}
    if not isinstance(item, dict):
        if not alone:
            notes.add(place, f"{kind_of(item)} in place of a block; kept as it came")
        return {"type": UNKNOWN, "value": item}
    block = _renamed(item, place, notes)
    kind = block.get("type")
    if not is_known(kind):
        block, kind = _typed(block, place, notes)
    if kind == "text":
        block = _with_text(block, place, notes)
    elif kind in ("image", "audio"):
        _look_at_media(block, kind, place, notes)
    elif kind == "resource":
        _look_at_resource(block, place, notes)
    elif kind == "resource_link" and not isinstance(block.get("uri"), str):
        notes.add(f"{place}.uri", _instead(block, "uri", "a text"))
    if block.get("annotations") is not None:
        _look_at_annotations(block["annotations"], f"{place}.annotations", notes)
    return block


def _renamed(item: Mapping[str, Any], place: str, notes: Notes) -> Block:
    block = dict(item)
    for name, wire in _SNAKE.items():
        if name in block and wire not in block:
            notes.add(f"{place}.{name}", f"read as {wire}")
            block[wire] = block.pop(name)
    return block


def _typed(block: Block, place: str, notes: Notes) -> tuple[Block, str]:
    """A block whose type the protocol does not have: with the type that it surely means."""
    given = block.get("type")
    where = f"{place}.type"
    if isinstance(given, str) and is_known(kind := given.strip().lower()):
        notes.add(where, f"{shortened(given)}, read as {kind!r}")
        return {**block, "type": kind}, kind
    if isinstance(given, str) and given:
        notes.add(where, f"{shortened(given)} is no type of the protocol; kept as it came")
        return block, ""
    kind = _meant(block)
    what = "is missing" if "type" not in block else f"{kind_of(given)} in place of a text"
    if not kind:
        notes.add(where, f"{what}; kept as it came")
        return block, ""
    notes.add(where, f"{what}; read as {kind!r}")
    return {**block, "type": kind}, kind


def _meant(block: Block) -> str:
    mime_type = block.get("mimeType")
    if isinstance(block.get("text"), str):
        return "text"
    if isinstance(block.get("data"), str) and isinstance(mime_type, str):
        family = mime_type.partition("/")[0].lower()
        return family if family in ("image", "audio") else ""
    if isinstance(block.get("resource"), dict):
        return "resource"
    return "resource_link" if isinstance(block.get("uri"), str) else ""


def _with_text(block: Block, place: str, notes: Notes) -> Block:
    text = block.get("text")
    if isinstance(text, str):
        return block
    what = _instead(block, "text", "a text")
    if text is None:
        notes.add(f"{place}.text", f"{what}; read as empty")
        return {**block, "text": ""}
    notes.add(f"{place}.text", f"{what}; read as its JSON")
    try:
        return {**block, "text": json.dumps(text, ensure_ascii=False)}
    except (ValueError, RecursionError):
        return {**block, "text": str(text)}


def _look_at_media(block: Block, kind: str, place: str, notes: Notes) -> None:
    if not isinstance(block.get("data"), str):
        notes.add(f"{place}.data", _instead(block, "data", "a text"))
    mime_type = block.get("mimeType")
    if not isinstance(mime_type, str):
        notes.add(f"{place}.mimeType", _instead(block, "mimeType", "a text"))
    elif not mime_type.lower().startswith(f"{kind}/"):
        notes.add(f"{place}.mimeType", f"{shortened(mime_type)} of {kind}")


def _look_at_resource(block: Block, place: str, notes: Notes) -> None:
    resource = block.get("resource")
    if not isinstance(resource, dict):
        notes.add(f"{place}.resource", _instead(block, "resource", "an object"))
        return
    look_at_contents(resource, f"{place}.resource", notes)


def look_at_contents(contents: Mapping[str, Any], place: str, notes: Notes) -> None:
    """Note what is odd of one resource's contents."""
    if not isinstance(contents.get("uri"), str):
        notes.add(f"{place}.uri", _instead(contents, "uri", "a text"))
    if not any(isinstance(contents.get(key), str) for key in ("text", "blob")):
        notes.add(place, "has neither `text` nor `blob` that is a text")
    if not isinstance(contents.get("mimeType", ""), str | None):
        notes.add(f"{place}.mimeType", _instead(contents, "mimeType", "a text"))


def _look_at_annotations(given: Any, place: str, notes: Notes) -> None:
    if not isinstance(given, dict):
        notes.add(place, f"{kind_of(given)} in place of an object")
        return
    audience = given.get("audience")
    if audience is not None and not isinstance(audience, list):
        notes.add(f"{place}.audience", f"{kind_of(audience)} in place of a list")
    elif not all(one in _AUDIENCE for one in audience or ()):
        notes.add(f"{place}.audience", "has other roles than user and assistant")
    priority = given.get("priority")
    if priority is None:
        return
    if isinstance(priority, bool) or not isinstance(priority, int | float):
        notes.add(f"{place}.priority", f"{kind_of(priority)} in place of a number")
    elif not 0 <= priority <= 1:
        notes.add(f"{place}.priority", "is not between 0 and 1")


def _instead(block: Mapping[str, Any], key: str, wanted: str) -> str:
    if key not in block:
        return "is missing"
    return f"{kind_of(block[key])} in place of {wanted}"
