"""Ranked search over tools by their words: BM25F, with synonyms.

BM25F (Robertson, Zaragoza and Taylor, 2004) is BM25 with a weight for each column. A word and its
synonyms count as one word, so that a rare synonym of a common word is not worth more than the word.
Two things are added: what the words say of the server as a whole, and whether the tool does the
kind of thing that the query's verb asks for. All figures were chosen on half of the queries of
benchmarks/search.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING

from .lexicon import FILLERS, action_of, agreement, synonyms, vocabulary
from .word_index import COLUMNS, WordIndex, compounds, words

if TYPE_CHECKING:
    from .index import Sdk

MAX_QUERY_WORDS = 64

_WEIGHTS = {"server": 5, "name": 5, "summary": 2, "description": 1, "arguments": 1, "notes": 0.5}
"""What a word counts in each column: a name says more than a long description."""

_LENGTH = {
    "server": 0, "name": 0.3, "summary": 0.5, "description": 0.7, "arguments": 0.7, "notes": 0.7,
}  # fmt: skip
"""How much the length of a column lessens what a word counts in it, from 0 to 1: BM25's b."""

_SATURATION = 1.2
"""BM25's k1: how soon more of the same word adds nothing."""
_SYNONYM = 0.4
_SERVER = 1
_ACTION = 1.5
"""What a synonym counts against the word itself; the server as a whole and the kind of action
against the score of all words."""


def sharing(query: str, texts: Sequence[str]) -> list[int]:
    """Which texts share more than half of the query's words, those that share most first."""
    wanted = set(_telling(query))
    shared = [len(wanted & set(_telling(text))) for text in texts]
    fitting = [n for n, count in enumerate(shared) if wanted and count * 2 > len(wanted)]
    return sorted(fitting, key=lambda n: -shared[n])


def ranked(query: str, sdks: Sequence[Sdk], limit: int) -> list[tuple[Sdk, str, float]]:
    """The SDK, method name and score of the best tools, the best first. Equal ones are in index
    order; tools that share no word with the query, nor a synonym, are not among them.

    Raises `RuntimeError` where Python has no SQLite with full-text search.
    """
    if limit < 1 or not _telling(query):
        return []
    ranking = _ranking(_stamped(sdks))
    scores = ranking.scores(query)
    best = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
    return [(*ranking.tools[number], scores[number]) for number in best]


def unmatched_words(query: str, sdks: Sequence[Sdk]) -> tuple[str, ...]:
    """The words of a query that no tool has, nor a synonym of them, in the query's order. Words
    such as "the" are not among them. Raises `RuntimeError` as `ranked` does."""
    if not _telling(query):
        return ()
    return _ranking(_stamped(sdks)).unmatched(query)


def _telling(text: str) -> list[str]:
    """The first words of a text that say something, or those there are where none does."""
    every = list(dict.fromkeys(words(text)))
    return ([word for word in every if word not in FILLERS] or every)[:MAX_QUERY_WORDS]


@dataclass(frozen=True)
class _Term:
    """What is looked for as one word: the word, and each stem that stands for it with what it
    counts."""

    word: str
    stems: dict[str, float]


class _Ranking:
    def __init__(self, sdks: Sequence[Sdk]) -> None:
        self.tools = [(sdk, tool) for sdk in sdks for tool in sdk.tools]
        self._actions = [action_of(words(tool)) for _, tool in self.tools]
        self._sizes = Counter(sdk for sdk, _ in self.tools)
        self._index = WordIndex(self.tools)
        self._synonyms = synonyms(self._index.stems(vocabulary()))
        means = [sum(column) / len(self.tools) for column in zip(*self._index.lengths, strict=True)]
        self._counts = [list(_worth(lengths, means)) for lengths in self._index.lengths]

    def scores(self, query: str) -> dict[int, float]:
        """The score of each tool that has a word of the query, by the tool's number."""
        scores: defaultdict[int, float] = defaultdict(float)
        servers: defaultdict[Sdk, float] = defaultdict(float)
        for term in self._terms(query):
            found = self._found(term)
            rarity = _rarity(len(found), len(self.tools))
            for number, count in found.items():
                scores[number] += rarity * count * (_SATURATION + 1) / (count + _SATURATION)
            shares = self._shares(term)
            rarity = _rarity(len(shares), len(self._sizes))
            for sdk, share in shares.items():
                servers[sdk] += rarity * share
        wanted = action_of(words(query))
        for number in scores:
            scores[number] += _SERVER * servers[self.tools[number][0]]
            scores[number] += _ACTION * agreement(wanted, self._actions[number])
        return scores

    def unmatched(self, query: str) -> tuple[str, ...]:
        terms = list(self._terms(query))
        known = "".join(term.word for term in terms if self._found(term))
        return tuple(term.word for term in terms if term.word not in known)

    def _terms(self, query: str) -> Iterator[_Term]:
        """The query's words with their synonyms, and those that people write as one or as two:
        "pager duty" and `PagerDuty` are `pagerduty` as well."""
        telling = _telling(query)
        joined = [*compounds(query), *map("".join, pairwise(words(query)[:MAX_QUERY_WORDS]))]
        stems = self._index.stems([*telling, *joined])
        seen: set[str] = set()
        for word in telling:
            if stems[word] not in seen:
                seen.add(stems[word])
                same = self._synonyms.get(stems[word], ())
                yield _Term(word, {**dict.fromkeys(same, _SYNONYM), stems[word]: 1})
        for word in joined:
            if stems[word] not in seen and self._index.places(stems[word]):
                seen.add(stems[word])
                yield _Term(word, {stems[word]: 1})

    def _found(self, term: _Term) -> dict[int, float]:
        """What a term counts in each tool that has it, before saturation."""
        found: defaultdict[int, float] = defaultdict(float)
        for stem, weight in term.stems.items():
            for number, column, times in self._index.places(stem):
                found[number] += weight * times * self._counts[number][column]
        return found

    def _shares(self, term: _Term) -> dict[Sdk, float]:
        """How much of each server a term is about, from 0 to 1: by the share of its tools that have
        the term, of which the root is taken, since one tool in four is much."""
        shares: dict[Sdk, float] = {}
        for stem, weight in term.stems.items():
            having = Counter(
                self.tools[n][0] for n in {number for number, _, _ in self._index.places(stem)}
            )
            for sdk, count in having.items():
                share = weight * sqrt(count / self._sizes[sdk])
                shares[sdk] = max(shares.get(sdk, 0), share)
        return shares


def _worth(lengths: Sequence[int], means: Sequence[float]) -> Iterator[float]:
    """What a word counts in each column of one tool, by the column's length."""
    for column, length, mean in zip(COLUMNS, lengths, means, strict=True):
        by_length = _LENGTH[column]
        yield _WEIGHTS[column] / (1 - by_length + by_length * length / (mean or 1))


def _rarity(having: int, every: int) -> float:
    """BM25's inverse document frequency."""
    return log(1 + (every - having + 0.5) / (having + 0.5))


def _stamped(sdks: Sequence[Sdk]) -> tuple[tuple[Sdk, int], ...]:
    return tuple((sdk, sdk.stamp) for sdk in sdks)


@lru_cache(maxsize=8)
def _ranking(sdks: tuple[tuple[Sdk, int], ...]) -> _Ranking:
    return _Ranking([sdk for sdk, _ in sdks])
