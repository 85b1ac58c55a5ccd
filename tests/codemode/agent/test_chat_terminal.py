"""`mcp-sdkgen chat`, at a terminal and without one."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.codemode.agent.scripted_model import Answer, ScriptedModel, scripted
from tests.codemode.agent.terminal import terminal
from tests.codemode.agent.test_chat import REPORT, RIGHT, WRONG
from tests.codemode.executor.weather import BINDINGS
from tests.patience import HANG_S
from tests.warm import COMMAND
from tests.warm_caches import share

ROOT = Path(__file__).parents[3]
ENDLESS = (
    "from weather_sdk import weather\nweather.get_weather(location='Oslo')\nwhile True: pass\n"
)

COMMANDS = {
    "/tools forecast": "weather.get_forecast(",
    "/prompt": "You act by writing Python programs",
    "/cost": "in total: 5 requests",
    "/save p.py": "the last program",
    "/trace t.html": "the last run as a page",
    "/clear": "are forgotten",
    "/nonsense": "no command /nonsense",
    "/help": "Ctrl-C stops",
}


@pytest.fixture
def home(tmp_path: Path) -> Mapping[str, str]:
    """An environment with the weather server's configuration, and nothing of the tester's own."""
    weather = {"command": BINDINGS["weather"][0], "args": BINDINGS["weather"][1:]}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"weather": weather}}))
    kept = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("STATE", "DATA")}
    share(tmp_path / ".cache")
    return {**kept, **folders, "HOME": str(tmp_path), "PYTHONUTF8": "1"}


def options(model: ScriptedModel, *more: str) -> list[str]:
    sdk = str(ROOT / "generated" / "weather")
    return ["chat", "--base-url", model.url, "--sdk", sdk, *more]


def piped(
    tmp_path: Path, home: Mapping[str, str], *arguments: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """The command line without a terminal anywhere."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        env=home,
        input=typed,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        start_new_session=True,
    )


def steps(transcript: Path, turn: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(transcript.read_text())["turns"][turn]["steps"]
    return found


def test_a_conversation_at_a_terminal_with_repair_approval_and_commands(
    tmp_path: Path, home: Mapping[str, str]
) -> None:
    forged = "[y]es once, this tool for the [r]un, [a]lways, [N]o: \x1b[2J\x1b]0;owned\x07"
    script = (
        Answer.program(WRONG, "I shall look."),
        Answer.program(RIGHT),
        Answer(f"It is 15 degrees.\n{forged}"),
        Answer.program(REPORT),
        Answer("Reported."),
    )
    transcript, page, saved = (tmp_path / name for name in ("t.json", "t.html", "p.py"))
    with (
        scripted(*script) as model,
        terminal(
            *options(model, "--transcript", str(transcript)), folder=tmp_path, environment=home
        ) as person,
    ):
        person.until("/help lists")
        person.until(">")
        person.type("How warm is London?\r")
        person.until("│ I shall look.")
        person.until("2 print(weather.get_wether")
        person.until("did you mean get_weather?")
        person.until("rejected by the check; nothing ran")
        person.until("weather/get_weather: ok")
        person.until("│ 15.0 celsius")
        person.until("finished: 1 tool call")
        person.until("│ It is 15 degrees.")
        person.until("│ [y]es once")  # the model's own words, behind the bar
        person.until("3 requests, 300 tokens in, 30 out, no known price")

        person.until(">")
        person.type("Report 21.5.\r")
        person.until('\nTool: "report_observation"')
        assert "celsius: 21.5" in person.until("\n[y]es once")
        person.type("y\n")
        person.until("weather/report_observation: ok")
        person.until("│ Reported.")

        for command, words in COMMANDS.items():
            person.until(">")
            person.type(f"{command}\r")
            person.until(words)
        person.until(">")
        person.type("/quit\r")
        assert person.end() == 0
    assert "\x1b[2J" not in person.shown and "owned\x07" not in person.shown
    told = json.loads(transcript.read_text())
    assert [turn["ended"] for turn in told["turns"]] == ["answered", "answered"]
    outcomes = [step["outcome"] for step in steps(transcript) if step["kind"] == "call"]
    assert [outcome["status"] for outcome in outcomes] == ["rejected", "finished"]
    [report, _] = steps(transcript, 1)
    assert [call["status"] for call in report["outcome"]["calls"]] == ["ok"]
    assert saved.read_text() == REPORT
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_ctrl_c_stops_the_program_or_the_answer_and_not_the_conversation(
    tmp_path: Path, home: Mapping[str, str]
) -> None:
    script = (
        Answer.program("kept = 1"),
        Answer("Kept."),
        Answer.program(ENDLESS),
        Answer("A long story", hold=True),
        Answer.program("print(kept)"),
        Answer("The variables are gone."),
    )
    transcript = tmp_path / "t.json"
    with (
        scripted(*script) as model,
        terminal(
            *options(model, "--transcript", str(transcript)), folder=tmp_path, environment=home
        ) as person,
    ):
        person.until("/help lists")
        person.until(">")
        person.type("Keep 1.\r")
        person.until("│ Kept.")

        person.until(">")
        person.type("Run for ever.\r")
        person.until("weather/get_weather: ok")
        person.type("\x03")
        person.until("interrupted")
        person.until(">")
        person.type("Tell me a story.\r")
        person.until("│ A long ")
        person.type("\x03")
        person.until("interrupted")
        assert model.gone.wait(HANG_S)

        person.until(">")
        person.type("Where was that?\r")
        person.until('Name "kept" is not defined')
        person.until("│ The variables are gone.")

        person.until(">")
        person.type("\x03")
        person.until("/quit or Ctrl-D ends")
        person.until(">")
        person.type("\x04")
        assert person.end() == 0
    assert [turn["ended"] for turn in json.loads(transcript.read_text())["turns"]] == [
        "answered", "cancelled", "cancelled", "answered",
    ]  # fmt: skip
    assert "are gone" in steps(transcript, 1)[-1]["reply"]


def test_a_call_that_a_person_declines_does_not_happen(
    tmp_path: Path, home: Mapping[str, str]
) -> None:
    transcript = tmp_path / "t.json"
    with (
        scripted(Answer.program(REPORT), Answer("You said no.")) as model,
        terminal(
            *options(model, "-p", "Report.", "--transcript", str(transcript)),
            folder=tmp_path,
            environment=home,
        ) as person,
    ):
        person.until("[y]es once")
        person.type("\n")
        person.until("weather/report_observation: refused")
        person.until("│ You said no.")
        assert person.end() == 0
    [call] = steps(transcript)[0]["outcome"]["calls"]
    assert call["status"] == "refused"


def test_one_question_without_a_terminal_puts_the_answer_alone_on_stdout(
    tmp_path: Path, home: Mapping[str, str]
) -> None:
    hostile = f"{REPORT}print('\x1b]0;owned\x07')  # \x1b[2J[y]es once\n"
    script = (Answer.program(hostile, "Thinking."), Answer.program(RIGHT), Answer("15 \x1b[31m."))
    with scripted(*script) as model:
        done = piped(tmp_path, home, *options(model, "-p", "How warm?"))
        assert model.requests[0]["messages"][0]["role"] == "system"
    assert (done.returncode, done.stdout) == (0, "15 \\x1b[31m.\n")
    assert "│ Thinking." in done.stderr
    assert "--allow weather/report_observation" in done.stderr
    assert "\x1b" not in done.stderr


def test_questions_can_come_from_a_pipe_and_rules_from_the_command_line(
    tmp_path: Path, home: Mapping[str, str]
) -> None:
    script = (Answer.program(REPORT), Answer("Done."), Answer("Fine."))
    with scripted(*script) as model:
        done = piped(
            tmp_path,
            home,
            *options(model, "--allow", "weather/report_*"),
            typed="Report.\n\n/cost\nThanks.\n",
        )
    assert done.returncode == 0
    assert done.stdout == "Done.\nFine.\n"
    assert "in total: 2 requests" in done.stderr


def test_limits_hold_and_a_turn_without_an_answer_is_no_success(
    tmp_path: Path, home: Mapping[str, str]
) -> None:
    with scripted(*[Answer.program("while True: pass")] * 3) as model:
        done = piped(
            tmp_path, home, *options(model, "-p", "Go.", "--timeout", "0.5", "--repairs", "1")
        )
    assert done.returncode == 1
    assert done.stderr.count("timed out: ") == 2
    assert "no answer: its programs went wrong again and again" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-p", "Hi"], "set ANTHROPIC_API_KEY or OPENAI_API_KEY"),
        (["-p", "Hi", "--model", "nonsense:x"], "nonsense"),
        (["-p", "Hi", "--base-url", "http://127.0.0.1:1/v1"], "does not tell its models"),
        (["-p", "Hi", "--key-env", "NOT_SET"], "NOT_SET"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_sent_or_built(
    tmp_path: Path, home: Mapping[str, str], arguments: list[str], words: str
) -> None:
    # A server that leaves a mark where it is started, as it would be to build its SDK.
    server = {"command": "touch", "args": [str(tmp_path / "started")]}
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"other": server}}))
    done = piped(tmp_path, home, "chat", "--config", str(config), *arguments)
    assert done.returncode == 2
    assert words in done.stderr.replace("\n", " ")
    assert not (tmp_path / "started").exists()


def test_a_long_word_of_the_model_is_broken_behind_the_bar(
    tmp_path: Path, home: Mapping[str, str]
) -> None:
    forged = "x" * 38 + "[y]es once"
    with (
        scripted(Answer(f"{forged}\r> forged\n\n{'word ' * 30}")) as model,
        terminal(
            *options(model, "-p", "Hi"), folder=tmp_path, environment=home, columns=40
        ) as person,
    ):
        assert person.end() == 0
    lines = [line for line in person.text.split("\n") if line]
    assert len(lines) >= 8
    assert all(line.startswith("│") for line in lines[:-1] if "request" not in line)
