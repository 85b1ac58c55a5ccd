"""Which tools have which words: SQLite's full-text index, in memory.

SQLite comes with Python, so the same index is there in a sandbox. It takes the words to their stems
and says in which columns of which tools they stand, and how often. What is indexed is what the
servers said: names, descriptions and arguments, with identifiers split into words.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .index import Sdk

_RUN = re.compile(r"[^\W_]+")
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # scripts without spaces: each sign is a word
    r"|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+"
)
_SUMMARY_END = re.compile(r"(?<=[.!?])\s|\n")

COLUMNS = ("server", "name", "summary", "description", "arguments", "notes")
"""What is indexed of a tool; `texts` gives them."""


def words(text: str) -> list[str]:
    """The words of a text in lower case, identifiers taken apart: `getFreeBusy_v2` is get, free,
    busy, v, 2."""
    return [word.lower() for word in _WORD.findall(text)]


def compounds(text: str) -> list[str]:
    """The words that a text writes as one and `words` takes apart: `n8n`, `pagerduty` of
    `PagerDuty`."""
    return [
        run.lower()
        for run in _RUN.findall(text)
        if not (run.isalpha() and (run[1:].islower() or not run[1:]))  # most are one word
        and run.isascii()
        and len(_WORD.findall(run)) > 1
    ]


class WordIndex:
    """The words of these tools. Raises `RuntimeError` where Python has no SQLite with full-text
    search."""

    def __init__(self, tools: Sequence[tuple[Sdk, str]]) -> None:
        self._lock = Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._places: dict[str, list[tuple[int, int, int]]] = {}
        try:
            self._create("tools", COLUMNS)
            self._create("spelling", ["word"])
        except sqlite3.OperationalError as error:
            raise RuntimeError(
                "search needs SQLite with FTS5, which this Python lacks; catalog.index() lists "
                "all tools"
            ) from error
        self.lengths: list[list[int]] = []
        """The number of words of each tool, in each column."""
        self._fill(tools)

    def stems(self, given: Iterable[str]) -> dict[str, str]:
        """The stem of each word; a word that SQLite reads as none is its own."""
        listed = list(dict.fromkeys(given))
        with self._lock:
            self._db.executemany(
                "INSERT INTO spelling(rowid, word) VALUES (?, ?)", enumerate(listed)
            )
            rows = self._db.execute("SELECT doc, term FROM spelling_terms").fetchall()
            self._db.execute("INSERT INTO spelling(spelling) VALUES ('delete-all')")
        found = {listed[number]: stem for number, stem in rows}
        return {word: found.get(word, word) for word in listed}

    def places(self, stem: str) -> list[tuple[int, int, int]]:
        """Where a stem stands: the tool's number, the column's, and how often."""
        if stem not in self._places:
            with self._lock:
                rows = self._db.execute(
                    "SELECT doc, col, count(*) FROM tools_terms WHERE term = ? GROUP BY doc, col",
                    (stem,),
                ).fetchall()
            numbers = {column: number for number, column in enumerate(COLUMNS)}
            self._places[stem] = [(tool, numbers[column], n) for tool, column, n in rows]
        return self._places[stem]

    def _create(self, name: str, columns: Sequence[str]) -> None:
        """A table of texts that are not kept, and the table of its stems."""
        self._db.execute(
            f"CREATE VIRTUAL TABLE {name} USING fts5({', '.join(columns)}, content='', "
            "columnsize=0, tokenize='porter unicode61')"
        )
        self._db.execute(f"CREATE VIRTUAL TABLE {name}_terms USING fts5vocab({name}, instance)")

    def _fill(self, tools: Sequence[tuple[Sdk, str]]) -> None:
        def rows() -> Iterator[tuple[object, ...]]:
            for number, (sdk, tool) in enumerate(tools):
                # SQLite takes capitals for small letters itself.
                columns = [_WORD.findall(t) + compounds(t) for t in texts(sdk, tool).values()]
                self.lengths.append([len(column) for column in columns])
                yield (number, *map(" ".join, columns))

        marks = ", ".join("?" * (len(COLUMNS) + 1))
        self._db.executemany(
            f"INSERT INTO tools(rowid, {', '.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608 - ours
            rows(),
        )


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


def _notes(arguments: Mapping[str, Any]) -> Iterator[str]:
    for schema in arguments.values():
        if isinstance(schema, dict):
            yield _text(schema.get("description"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
