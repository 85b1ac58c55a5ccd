"""Finding tools by words, with the catalog's own search or, as an extra, by meaning too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

from mcp_sdkgen_runtime.catalog.bm25 import ranked, sharing
from mcp_sdkgen_runtime.catalog.index import entries
from mcp_sdkgen_runtime.catalog.lexicon import action_of, agreement
from mcp_sdkgen_runtime.catalog.search import search as search_words
from mcp_sdkgen_runtime.catalog.search import unmatched_words as unmatched_words
from mcp_sdkgen_runtime.catalog.word_index import words

from ..catalog import Entry, Sdk, installed
from ..library.program import SavedProgram
from .embeddings import OnProgress, likeness

_MEANING = 8
_ACTION = 4
"""What likeness of meaning and the same action count against the score by words, in standard
deviations. Chosen on half of the queries of benchmarks/search.py."""


def search(
    query: str,
    limit: int = 10,
    sdks: Iterable[Sdk] | None = None,
    *,
    rerank: bool = False,
    programs: Iterable[SavedProgram] = (),
    on_progress: OnProgress | None = None,
) -> tuple[Entry, ...]:
    """The tools that fit a query best, at most `limit`, the best first.

    Of the saved `programs`, those that share more than half of the query's words go before all
    tools: whoever looks for what a program does should not do it again.

    `rerank` orders all tools by meaning too, with a small language model on this machine, so there
    are always `limit` of them, however far. It needs the extra `mcp-sdkgen-codemode[rerank]`, and
    raises `ImportError` without it. New tools are encoded first, of which `on_progress` is told.
    """
    searched = installed() if sdks is None else tuple(sdks)
    saved = tuple(programs)
    hits = sharing(query, [f"{one.name} {one.description}" for one in saved])
    first = [saved[n].entry for n in hits]
    if not rerank:
        return (*first, *search_words(query, limit, searched))[:limit]
    return (*first, *entries(_by_meaning(query, searched, on_progress)[:limit]))[:limit]


def _by_meaning(
    query: str, sdks: Sequence[Sdk], on_progress: OnProgress | None
) -> list[tuple[Sdk, str]]:
    """All tools, ordered by their words, by the likeness of their meaning, and by what they do."""
    tools = [(sdk, tool) for sdk in sdks for tool in sdk.tools]
    if not tools or not words(query):
        return []
    matched = {(sdk, tool): score for sdk, tool, score in ranked(query, sdks, len(tools))}
    by_words = _standard([matched.get(each, 0.0) for each in tools])
    by_meaning = _standard(likeness(query, sdks, on_progress))
    wanted = action_of(words(query))
    scores = [
        worded + _MEANING * meaning + _ACTION * agreement(wanted, action_of(words(tool)))
        for (_, tool), worded, meaning in zip(tools, by_words, by_meaning, strict=True)
    ]
    return [tools[n] for n in sorted(range(len(tools)), key=lambda n: -scores[n])]


def _standard(values: Sequence[float]) -> list[float]:
    """The values as standard deviations from their mean."""
    mean = sum(values) / len(values)
    deviation = sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return [(value - mean) / deviation if deviation else 0.0 for value in values]
