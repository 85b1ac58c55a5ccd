"""Ranked search over tools: BM25 by SQLite's own full-text index, in memory.

SQLite comes with Python, so the same search runs in a sandbox. What is indexed is what the servers
said: names, descriptions and arguments, with identifiers split into words.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .index import Sdk

MAX_QUERY_WORDS = 64

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # scripts without spaces: each sign is a word
    r"|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+"
)
_WEIGHTS = {"server": 3, "name": 3, "summary": 2, "description": 1, "arguments": 1, "notes": 0.5}
"""What a word counts in each column: a name says more than a long description."""

_FILLERS = {"a", "an", "and", "as", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to"}
_SUMMARY_END = re.compile(r"(?<=[.!?])\s|\n")


def split(text: str) -> str:
    """The words of a text, identifiers taken apart: `getFreeBusy_v2` is `get Free Busy v 2`."""
    return " ".join(_WORD.findall(text))


def sharing(query: str, texts: Sequence[str]) -> list[int]:
    """Which texts share more than half of the query's words, those that share most first."""
    wanted = _telling(query)
    shared = [len(wanted & _telling(text)) for text in texts]
    fitting = [n for n, count in enumerate(shared) if wanted and count * 2 > len(wanted)]
    return sorted(fitting, key=lambda n: -shared[n])


def _telling(text: str) -> set[str]:
    return set(split(text).lower().split()) - _FILLERS


def ranked(query: str, sdks: Sequence[Sdk], limit: int) -> list[tuple[Sdk, str, float]]:
    """The SDK, method name and BM25 score of the best tools, the best first. Equal ones are in
    index order; tools that share no word with the query are not among them.

    Raises `RuntimeError` where Python has no SQLite with full-text search.
    """
    words = dict.fromkeys(word.lower() for word in _WORD.findall(query))
    if not words or limit < 1:
        return []
    match = " OR ".join(f'"{word}"' for word in list(words)[:MAX_QUERY_WORDS])
    return _index(tuple((sdk, sdk.stamp) for sdk in sdks)).search(match, limit)


class _Index:
    def __init__(self, sdks: Sequence[Sdk]) -> None:
        self._lock = Lock()
        self._tools = [(sdk, tool) for sdk in sdks for tool in sdk.tools]
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        columns = ", ".join(_WEIGHTS)
        try:
            self._db.execute(
                f"CREATE VIRTUAL TABLE tools USING fts5({columns}, tokenize='porter unicode61')"
            )
        except sqlite3.OperationalError as error:
            raise RuntimeError(
                "search needs SQLite with FTS5, which this Python lacks; catalog.index() lists "
                "all tools"
            ) from error
        places = ", ".join("?" * (len(_WEIGHTS) + 1))
        self._db.executemany(
            f"INSERT INTO tools (rowid, {columns}) VALUES ({places})",  # noqa: S608 - our own names
            (
                (n, *map(split, texts(sdk, tool).values()))
                for n, (sdk, tool) in enumerate(self._tools)
            ),
        )

    def search(self, match: str, limit: int) -> list[tuple[Sdk, str, float]]:
        weights = ", ".join(map(str, _WEIGHTS.values()))
        found = f"SELECT rowid, bm25(tools, {weights}) AS cost FROM tools(?)"  # noqa: S608
        with self._lock:
            rows = self._db.execute(f"{found} ORDER BY cost, rowid LIMIT ?", (match, limit))
            return [(*self._tools[number], -cost) for number, cost in rows]


@lru_cache(maxsize=8)
def _index(sdks: tuple[tuple[Sdk, int], ...]) -> _Index:
    return _Index([sdk for sdk, _ in sdks])


def texts(sdk: Sdk, tool: str) -> dict[str, str]:
    """What there is to read of a tool, by the names of the index's columns and in their order. A
    tool without its definition has its name alone."""
    try:
        definition = sdk.definition(tool)
    except (OSError, ValueError):
        definition = {}
    description = _text(definition.get("description"))
    schema = definition.get("inputSchema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    arguments = properties if isinstance(properties, dict) else {}
    return {
        "server": sdk.server,
        "name": f"{_text(definition.get('name')) or tool} {_text(definition.get('title'))}",
        "summary": _SUMMARY_END.split(description.strip(), maxsplit=1)[0],
        "description": description,
        "arguments": " ".join(arguments),
        "notes": " ".join(_notes(arguments)),
    }


def _notes(arguments: dict[str, Any]) -> Iterator[str]:
    for schema in arguments.values():
        if isinstance(schema, dict):
            yield _text(schema.get("description"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
