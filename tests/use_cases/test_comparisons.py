"""Two questions, answered in both ways; and how the command is used wrongly."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from mcp_sdkgen.cli import main
from mcp_sdkgen.cli.demo.use_case import USE_CASES, names

from tests.patience import HANG_S
from tests.use_cases.pages import DOCS
from tests.warm import COMMAND


@pytest.mark.parametrize(("columns", "side_by_side"), [("80", False), ("200", True)])
def test_both_ways_make_the_same_calls_and_are_shown_side_by_side_where_that_fits(
    columns: str, side_by_side: bool
) -> None:
    command = [*COMMAND, "demo", "--compare"]
    done = subprocess.run(
        command,
        env={**os.environ, "COLUMNS": columns},
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    # No line of code is broken, in either form.
    assert (
        'product = calculator.calculate(operation="multiply", a=total, b=5).result' in done.stdout
    )
    heads = [line for line in done.stdout.splitlines() if "one program: " in line]
    assert all(("one by one" in head) is side_by_side for head in heads)
    shown = " ".join(done.stdout.replace("│", " ").split())
    for words in ("tool calls one by one: 4 round trips", "one program: 2 round trips"):
        assert words in shown
    assert "Austin is warmer by 34.0 F" in shown and "135.0" in shown
    assert "4. the model answers" in shown and "2. the model answers" in shown


def test_the_figures_of_both_ways_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_sdkgen.cli.demo.side_by_side.names", lambda folder: ["calculation"])
    assert main(["demo", "--compare", "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    apart, at_once = told["cost"]["one_by_one"], told["cost"]["one_program"]
    made = [(call["server"], call["tool"]) for call in told["outcome"]["calls"]]
    assert made == [(call["server"], call["tool"]) for call in told["calls"]]
    assert apart["calls"] == at_once["calls"] == 3
    assert apart["round_trips"] == 4 and at_once["round_trips"] == 2
    # Each step uses the result of the one before.
    results = [json.loads(step["result"])["result"] for step in told["calls"]]
    assert [step["arguments"]["a"] for step in told["calls"][1:]] == results[:-1]
    assert told["outcome"]["stdout"] == f"{results[-1]}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "there are data_analysis, devops, many_clouds, order_processing"),
        (["devops", "--compare"], "leave the name out"),
        (["--yes"], "name one, or say --compare"),
        (["devops", "--out", "."], "choose another --out"),
    ],
)
def test_wrong_usage_says_how_to_put_it_right(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_every_use_case_has_a_page() -> None:
    pages = {path.stem.replace("-", "_") for path in DOCS.glob("*.md")} - {"index"}
    assert pages == set(names(USE_CASES))


def test_every_server_is_short_enough_to_read() -> None:
    files = [path for name in names(USE_CASES) for path in (USE_CASES / name).glob("*.py")]
    assert files and all(len(path.read_text().splitlines()) < 150 for path in files)
