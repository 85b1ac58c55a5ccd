"""JSON where servers put it: in a text, in a Markdown fence, as Python writes it, in a resource.

Each reading is taken only where it is the one that there is. Values are data: nothing is run.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal

from .blocks import is_known

MAX_REPR_CHARS: Final = 200_000
"""A longer text is not tried as Python: its syntax tree takes a hundred times its size, and five
seconds for a million characters."""
_MAX_DEPTH: Final = 100

_OPENING: Final = re.compile(r"(?P<ticks>`{3,})[ \t]*+(?P<language>\w*+)[ \t]*+\r?")
_JSON_KEYS: Final = ("json", "data", "value")
_JSON_TYPE: Final = re.compile(r"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)


def texts_of(blocks: Iterable[dict[str, Any]]) -> list[str]:
    """The texts of all text blocks, and of blocks of unknown types that have a text."""
    return [
        text
        for block in blocks
        if (kind := block.get("type")) == "text" or not is_known(kind)
        if isinstance(text := block.get("text"), str)
    ]


def json_readings(
    blocks: Iterable[dict[str, Any]],
) -> Iterator[tuple[Literal["json", "blocks"], Any]]:
    """What content blocks are as JSON, the most likely first; nothing where they are none.

    First `json`, all of the text; then `blocks`, the list of what each text is, as some servers
    send the rows of a table; then `json` again, of a text that has JSON in it or is Python's, of
    a resource that is embedded, and of a block of the type `json`, which the protocol does not
    have.
    """
    given = list(blocks)
    texts = texts_of(given)
    if texts:
        whole = "\n".join(texts)
        with suppress(ValueError, RecursionError):
            yield "json", json.loads(whole)
        with suppress(ValueError, RecursionError):
            yield "blocks", [json.loads(text) for text in texts]
        for found in _within(whole):
            yield "json", found
    resources = [text for block in given if (text := _json_resource(block)) is not None]
    if len(resources) == 1:
        with suppress(ValueError, RecursionError):
            yield "json", json.loads(resources[0])
    blocks = [block for block in given if str(block.get("type")).lower() == "json"]
    if len(blocks) == 1:
        yield from (("json", blocks[0][key]) for key in _JSON_KEYS if key in blocks[0])


def text_readings(text: str) -> Iterator[Any]:
    """What one text is as JSON, the most likely first; nothing where it is none."""
    with suppress(ValueError, RecursionError):
        yield json.loads(text)
    yield from _within(text)


def _within(text: str) -> Iterator[Any]:
    """A list or an object in a text that is no JSON itself."""
    fences = list(islice(_fences(text), 2)) if "```" in text else []
    if len(fences) == 1 and _is_json(fences[0]):
        with suppress(ValueError, RecursionError):
            yield json.loads(fences[0].body)
    stripped = text.strip()
    if stripped[:1] in ("{", "[") and stripped[-1:] in ("}", "]") and len(text) <= MAX_REPR_CHARS:
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            yield _as_json(ast.parse(stripped, mode="eval").body, 0)


@dataclass(frozen=True, slots=True)
class _Fence:
    """A fenced block of Markdown. `alone` says that there is nothing else in its text."""

    language: str
    body: str
    alone: bool


def _fences(text: str) -> Iterator[_Fence]:
    """The fenced blocks that are closed. Each line is read once."""
    lines = text.split("\n")
    blank = [not line.strip() for line in lines]
    opened, at = None, 0
    for number, line in enumerate(lines):
        if opened is None:
            opened, at = _OPENING.fullmatch(line), number
        elif line.rstrip(" \t\r") == opened["ticks"]:
            alone = all(blank[:at]) and all(blank[number + 1 :])
            body = "\n".join(lines[at + 1 : number])
            yield _Fence(opened["language"].lower(), body, alone)
            opened = None


def _is_json(fence: _Fence) -> bool:
    """Whether a fence says that it holds JSON, or is all that there is and says nothing else."""
    return fence.language in ("json", "jsonc", "json5") or (fence.alone and not fence.language)


def _json_resource(block: dict[str, Any]) -> str | None:
    item = block.get("resource") if block.get("type") == "resource" else None
    if not isinstance(item, dict) or not _JSON_TYPE.match(str(item.get("mimeType"))):
        return None
    text = item.get("text")
    return text if isinstance(text, str) else None


def _as_json(node: ast.expr, depth: int) -> Any:
    """The JSON that a Python literal surely stands for. Raises `ValueError` for others.

    Keys are texts: those of integers can be chosen so that a dict compares each with each.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        number = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(number, int | float) and not isinstance(number, bool):
            return _scalar(-number if isinstance(node.op, ast.USub) else number)
    if isinstance(node, ast.Constant):
        return _scalar(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        return [_as_json(item, depth + 1) for item in node.elts]
    if isinstance(node, ast.Dict):
        made = {}
        for key, item in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise ValueError("a key that is no text is not JSON")
            made[key.value] = _as_json(item, depth + 1)
        return made
    raise ValueError(f"{type(node).__name__} is not JSON")


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"{type(value).__name__} is not JSON")
