"""What a server or a model says costs a terminal and a folder as much work as it is long."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.cli import show
from mcp_sdkgen.cli.running import answer
from mcp_sdkgen.cli.serving import chat_show
from mcp_sdkgen.cli.serving.chat_show import Barred
from rich.console import Console


def console(width: int = 40) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=width, highlight=False, markup=False,
        emoji=False, color_system=None,
    )  # fmt: skip


def lines(shown: Console) -> list[str]:
    file = shown.file
    assert isinstance(file, io.StringIO)
    return [line.removeprefix("│").removeprefix(" ") for line in file.getvalue().splitlines()]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters were measured, each time."""
    found: list[int] = []

    def counting(original: Callable[..., Any], text: str, *given: Any) -> Any:
        found.append(len(text))
        return original(text, *given)

    for name in ("cell_len", "chop_cells", "clean"):
        monkeypatch.setattr(chat_show, name, partial(counting, getattr(chat_show, name)))
    return found


@pytest.mark.parametrize("letter", ["x", "語", "e\u0301"], ids=["narrow", "wide", "combined"])
@pytest.mark.parametrize("piece", [1, 7, 100_000], ids=["by one", "by seven", "at once"])
def test_a_word_without_end_is_measured_as_often_as_a_line_of_it(
    measured: list[int], letter: str, piece: int
) -> None:
    def work(repeated: int) -> int:
        measured.clear()
        word, shown = letter * repeated, console()
        bar = Barred(shown)
        for start in range(0, len(word), piece):
            bar.write(word[start : start + piece])
        bar.end()
        assert "".join(lines(shown)) == word
        return sum(measured)

    assert work(8_000) <= 9 * work(1_000)


def test_a_word_longer_than_a_line_fills_its_lines_however_it_comes() -> None:
    whole, pieces = console(), console()
    Barred(whole).write("x" * 500 + " ")
    bar = Barred(pieces)
    for letter in "x" * 500:
        bar.write(letter)
    bar.end()
    assert [len(line) for line in lines(pieces)] == [37] * 13 + [19]
    assert lines(whole)[:13] == lines(pieces)[:13]


def test_a_line_of_blanks_alone_has_no_words_to_look_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show.re, "finditer", lambda *_: pytest.fail("looked for words"))
    shown = console()
    show.say(shown, show.safe(" " * 1_000))
    assert "".join(lines(shown)).strip() == ""


def test_each_number_of_a_file_is_tried_once(tmp_path: Path) -> None:
    class Names(set[str]):
        asked = 0

        def __contains__(self, name: object) -> bool:
            self.asked += 1
            return super().__contains__(name)

    taken = Names({"image-2", "audio-1"})
    kinds = ["image", "audio"] * 200
    names = answer.names([(kind, "image/png", b"x") for kind in kinds], taken)
    assert names[:4] == ["image-1.png", "audio-2.png", "image-3.png", "audio-3.png"]
    assert len(set(names)) == len(kinds)
    assert taken.asked == len(kinds) + 2


def test_of_the_files_of_one_answer_a_thousand_are_saved_and_the_others_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "MAX_FILES", 3)
    saved, failure = answer.save([("image", "image/png", b"x")] * 5, tmp_path)
    assert [path.name for path in saved] == ["image-1.png", "image-2.png", "image-3.png"]
    assert "2 of 5 images, sounds and files are not saved" in str(failure)
    assert answer.save([("audio", "audio/wav", b"x")] * 3, tmp_path)[1] is None
