"""Search over the tools of installed SDKs, and over saved programs inside a sandbox."""

from __future__ import annotations

from collections.abc import Iterable

from .index import Entry, Sdk, _given, entries


def search(query: str, limit: int = 10, sdks: Iterable[Sdk] | None = None) -> tuple[Entry, ...]:
    """The tools that fit a query best, at most `limit`, the best first.

    Words and their synonyms are compared by their stems with the names, descriptions and arguments
    of all tools, and ranked by BM25F; names count most, and so does a tool that does the kind of
    thing that the query's verb asks for. In a sandbox, saved programs that share more than half of
    the query's words go before all tools. Raises `RuntimeError` where Python has no SQLite with
    full-text search.
    """
    from .bm25 import ranked
    from .programs import fitting

    saved = fitting(query) if sdks is None else []
    found = entries((sdk, tool) for sdk, tool, _ in ranked(query, _given(sdks), limit))
    return (*saved, *found)[: max(limit, 0)]


def unmatched_words(query: str, sdks: Iterable[Sdk] | None = None) -> tuple[str, ...]:
    """The words of a query that no tool has, nor a synonym of them: what a search did not look for.

    Raises `RuntimeError` as `search` does.
    """
    from . import bm25

    return bm25.unmatched_words(query, _given(sdks))
