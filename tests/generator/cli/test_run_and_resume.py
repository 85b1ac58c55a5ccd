"""`mcp-sdkgen run` and `resume`: as a script uses them, and as a person at a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path

import pytest
from mcp_sdkgen.cli.program_input import read_program
from mcp_sdkgen.cli.running.artifacts import write_artifacts
from mcp_sdkgen.cli.watch import Watch
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen_codemode.events import CallEnded, Progress
from mcp_sdkgen_codemode.library.analysis import leaves_main
from mcp_sdkgen_codemode.outcome import Artifact, Call
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest

from tests.codemode.executor.weather import BINDINGS
from tests.generator.cli.running import READS, WRITES, command, done
from tests.terminals import Terminal


def test_a_terminal_without_a_letter_is_told_its_number(environment: dict[str, str]) -> None:
    environment["PYTHONIOENCODING"] = "ascii"
    code, printed, _ = done(environment, "run", "--json", "-", stdin="print('\u00e9\U0001f600')")
    assert (code, json.loads(printed)["stdout"]) == (0, "\u00e9\U0001f600\n")


def test_a_misspelt_deny_runs_nothing(environment: dict[str, str]) -> None:
    code, printed, told = done(environment, "run", "--deny", "wether", "-", stdin=READS)
    assert (code, printed) == (2, "")
    assert "no tool matches 'wether'" in told


def test_a_program_without_end_is_refused_as_one() -> None:
    with pytest.raises(ConfigError, match="/dev/zero: larger than 16,777,216 bytes"):
        read_program("/dev/zero")


def test_what_a_program_prints_goes_to_stdout_and_the_rest_to_stderr(
    environment: dict[str, str],
) -> None:
    code, out, err = done(environment, "run", "-", stdin=READS + "[1, 2]")
    assert (code, out) == (0, "snowy\n[\n  1,\n  2\n]\n")
    assert "weather/get_weather: ok" in err
    assert "finished: 1 tool call" in err


def test_the_json_of_a_run_is_alone_on_stdout(environment: dict[str, str]) -> None:
    code, out, _ = done(environment, "run", "-", "--json", stdin="print('x')\n1/0\n")
    assert json.loads(out)["format"] == "mcp-sdkgen/run/1"
    assert code == 1
    data = json.loads(out)
    assert data["status"] == "failed"
    assert data["error"]["line"] == 2
    assert data["stdout"] == "x\n"


def test_the_json_of_a_run_has_arguments_and_results_of_calls_as_values(
    environment: dict[str, str],
) -> None:
    _, out, _ = done(environment, "run", "-", "--json", stdin=READS)
    [call] = json.loads(out)["calls"]
    assert call["arguments"] == {"location": "Oslo"}
    assert call["result"]["structuredContent"]["condition"] == "snowy"
    assert call["truncated"] == []


@pytest.mark.parametrize(
    ("program", "options", "expected"),
    [
        ("from weather_sdk import weather\nweather.nothing()\n", [], 3),
        ("while True: pass\n", ["--timeout", "0.5"], 4),
        ("1", ["--engine", "no-such-engine"], 2),
        ("1", ["--allow", ""], 2),
        ("1", ["--sdk", "nobody"], 2),
    ],
)
def test_the_exit_code_tells_what_became_of_the_program(
    environment: dict[str, str], program: str, options: list[str], expected: int
) -> None:
    code, _, err = done(environment, "run", "-", *options, stdin=program)
    assert code == expected, err


def test_files_of_a_program_are_written_where_asked_and_through_no_link(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = "import pathlib\npathlib.Path('a').mkdir()\npathlib.Path('a/b').write_text('c')\n"
    out = tmp_path / "out"
    code, _, err = done(environment, "run", "-", "--out", str(out), stdin=program)
    assert code == 0, err
    assert (out / "a" / "b").read_text() == "c"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "a").symlink_to(elsewhere)
    code, shown, err = done(
        environment, "run", "-", "--out", str(linked), stdin=f"{program}print('ran')\n"
    )
    assert (code, shown) == (1, "ran\n")
    assert "link" in err
    assert list(elsewhere.iterdir()) == []


def test_a_main_that_nobody_calls_is_told(environment: dict[str, str]) -> None:
    alone = "def main(*, city: str) -> str:\n    return city\n"
    code, _, err = done(environment, "run", "-", "--", "city=Oslo", stdin=alone)
    assert (code, "`main` was never called" in err) == (0, True)
    assert not leaves_main(f"{alone}main(city='Oslo')\n")
    assert not leaves_main("print('main')\n")


def left(names: list[str]) -> str:
    """A program that leaves a file of each of these names, which holds its own name."""
    return (
        f"import pathlib\nfor name in {names!r}:\n"
        "    path = pathlib.Path(name)\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n"
        "    path.write_text(name)\n"
    )


def test_files_of_a_program_replace_nothing_and_are_saved_under_a_free_name(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "report.txt").write_text("mine")
    (tmp_path / "to-come").symlink_to(tmp_path / "made")
    (tmp_path / "same.txt").write_text("same.txt")
    os.mkfifo(tmp_path / "pipe")
    names = ["report.txt", "to-come", "same.txt", "pipe", "new/chart.csv"]
    code, _, err = done(environment, "run", "-", "--out", str(tmp_path), stdin=left(names))
    assert code == 0, err
    for name, saved in (
        ("report.txt", "report-2.txt"),
        ("to-come", "to-come-2"),
        ("pipe", "pipe-2"),
    ):
        assert f"{saved} was called {name} by the program" in " ".join(err.split())
        assert (tmp_path / saved).read_text() == name
    assert (tmp_path / "report.txt").read_text() == "mine"
    assert not (tmp_path / "made").exists()
    assert not (tmp_path / "same-2.txt").exists()
    assert (tmp_path / "new" / "chart.csv").read_text() == "new/chart.csv"
    assert f"saved in {tmp_path}: " in err


def test_a_file_that_is_refused_costs_only_itself_and_a_number_makes_no_obeyed_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").write_text("mine")
    files = [Artifact(name, b"x") for name in ("Makefile", "a", "conftest.py")]
    written = write_artifacts(files, tmp_path)
    assert dict(written.paths) == {"a": tmp_path / "a-2"}
    assert "2 of 3 files were not written" in str(written.failure)
    again = write_artifacts(files, tmp_path)
    assert again.paths == written.paths, "the same content is there already"


def test_files_of_a_program_never_have_names_that_programs_obey(
    environment: dict[str, str], tmp_path: Path
) -> None:
    names = ["mcp-sdkgen.toml", "sub/conftest.py", "MakeFile", "x.pth", "typer.py", "json/a.py"]
    out = tmp_path / "out"
    code, _, err = done(environment, "run", "-", "--out", str(out), stdin=left([*names, "a.py"]))
    assert code == 1
    for name in names:
        assert f"{out / name}: not written" in err
        assert not (out / name).exists()
    assert "choose another name" in err
    assert (out / "a.py").read_text() == "a.py"


def test_nothing_runs_where_its_files_could_not_be_written(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file, and no folder")
    for folder in ("out", "out/below"):
        words = ("run", "-", "--out", str(tmp_path / folder))
        code, out, err = done(environment, *words, stdin="print('ran')\n")
        assert (code, out) == (2, ""), err
        assert "choose another --out" in err


def test_nothing_runs_where_its_trace_could_not_be_written(
    environment: dict[str, str], tmp_path: Path
) -> None:
    page = str(tmp_path / "missing" / "run.html")
    code, out, err = done(environment, "run", "-", "--trace", page, stdin="print('ran')\n")
    assert (code, out) == (2, "")
    assert "its folder does not exist" in err


def test_a_trace_is_written_through_no_link(environment: dict[str, str], tmp_path: Path) -> None:
    mine, page = tmp_path / "mine", tmp_path / "page.html"
    mine.write_text("mine")
    page.symlink_to(mine)
    code, out, err = done(environment, "run", "-", "--trace", str(page), stdin="print(1)")
    assert (code, out, "is a link" in err) == (2, "1\n", True), err
    assert mine.read_text() == "mine"


def test_a_server_whose_variable_is_not_set_costs_only_itself(
    environment: dict[str, str], tmp_path: Path
) -> None:
    config = tmp_path / "mcp.json"
    binding = BINDINGS["weather"]
    servers = {
        "weather": {"command": binding[0], "args": binding[1:]},
        "other": {"command": "other", "env": {"KEY": "${A_VARIABLE_THAT_IS_NOT_SET}"}},
    }
    config.write_text(json.dumps({"mcpServers": servers}))
    code, out, err = done(environment, "run", "-", "--config", str(config), stdin=READS)
    assert (code, out) == (0, "snowy\n"), err
    assert "note: other is left out" in err
    assert "A_VARIABLE_THAT_IS_NOT_SET is not set" in err


def test_while_a_person_is_asked_no_program_writes_below_the_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watch = Watch()
    call = Call("Allow weather", "get_weather? y once", "invalid", 0, 0, 0, 0)

    async def approver(request: ApprovalRequest) -> Answer:
        watch(CallEnded(2, call))
        watch(Progress(0, 1.0, None, "[y]es once"))
        assert capsys.readouterr().err == ""
        return "no"

    request = ApprovalRequest("weather", "report_observation", {}, {}, "")
    assert asyncio.run(watch.asking(approver)(request)) == "no"  # type: ignore[arg-type]
    assert "get_weather? y once: invalid" in capsys.readouterr().err


def test_progress_without_end_does_not_fill_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch()
    for number in range(1000):
        watch(Progress(0, number, None, "on"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "further progress is not shown"
    assert len(lines) < 300


def test_a_suspended_run_that_was_approved_goes_on_to_its_end(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program, journal = tmp_path / "program.py", tmp_path / "run.journal"
    program.write_text(WRITES)
    assert done(environment, "run", str(program), "--journal", str(journal))[0] == 5
    code, out, err = done(environment, "approve", str(journal), "--yes")
    assert (code, out) == (0, "approved: weather/report_observation\n"), err
    assert f"mcp-sdkgen resume {journal}" in err.replace("\n", "")
    code, out, err = done(environment, "resume", str(journal))
    assert (code, out) == (0, "snowy\nreported\n"), err


def test_a_suspended_run_is_resumed_once_and_does_no_call_twice(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program, journal = tmp_path / "program.py", tmp_path / "run.journal"
    program.write_text(WRITES)
    code, out, err = done(environment, "run", str(program), "--journal", str(journal))
    assert (code, out) == (5, "snowy\n")
    assert "weather/report_observation: waits for approval\n" in err
    assert "cancelled" not in err
    assert err.splitlines()[-1] == (
        f"approve it with: mcp-sdkgen approve {journal}; "
        f"then go on with: mcp-sdkgen resume {journal}"
    )
    allow = ["--allow", "weather/report_observation"]
    code, out, err = done(environment, "resume", str(journal), *allow)
    assert (code, out) == (0, "snowy\nreported\n")
    assert "weather/get_weather: replayed" in err
    code, _, err = done(environment, "resume", str(journal), *allow)
    assert code == 2
    assert "ended" in err


def test_what_was_approved_for_ever_is_listed_and_taken_back_with_the_command_that_was_told(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(WRITES.replace("'72254'", "str(72254)"))
    with Terminal(command("run", str(program)), environment) as terminal:
        terminal.read_until("[N]o: ")
        terminal.type("e\n")
        terminal.read_until("[a]lways")
        terminal.type("a\n")
        assert "mcp-sdkgen approve weather/report_observation --forget" in terminal.read_to_end()
        assert terminal.wait() == 0
    code, out, _ = done(environment, "approve", "--list")
    assert (code, out.partition(": ")[0]) == (0, "weather/report_observation")
    assert done(environment, "run", str(program))[0] == 0
    code, out, _ = done(environment, "approve", "weather/report_observation", "--forget")
    assert code == 0
    assert out.startswith("weather/report_observation: asked about again")
    assert done(environment, "run", str(program))[0] == 5
    code, _, err = done(environment, "approve", "weather/report_observation", "--forget")
    assert code == 2
    assert "see --list" in err
    assert done(environment, "approve", "--list")[1] == ""


@pytest.mark.parametrize(("answer", "expected"), [("y", 0), ("r", 0), ("n", 5), ("", 5)])
def test_a_person_at_the_terminal_sees_what_the_program_will_call_and_decides_once(
    environment: dict[str, str], tmp_path: Path, answer: str, expected: int
) -> None:
    program = tmp_path / "program.py"
    program.write_text(WRITES)
    with Terminal(command("run", str(program)), environment) as terminal:
        asked = terminal.read_until("[y]es to these calls")
        assert "allowed: weather/get_weather" in asked
        assert 'Tool: "report_observation"\r\nWhy: line 3, it writes' in asked
        assert 'station: "72254"' in asked
        assert "snowy" not in asked
        terminal.type(answer + "\n")
        rest = terminal.read_to_end()
        assert terminal.wait() == expected, rest
    assert ("reported" in rest) == (expected == 0)
    assert ("snowy" in rest) == (expected == 0)
    assert "[y]es once" not in rest


@pytest.mark.parametrize(("answer", "expected"), [("y", 0), ("n", 1)])
def test_a_call_whose_arguments_are_not_in_the_text_is_asked_about_when_it_comes(
    environment: dict[str, str], tmp_path: Path, answer: str, expected: int
) -> None:
    program = tmp_path / "program.py"
    program.write_text(WRITES.replace("'72254'", "str(72254)"))
    with Terminal(command("run", str(program)), environment) as terminal:
        asked = terminal.read_until("ask for [e]ach when it comes")
        assert "you will be asked when it comes" in asked
        assert "[y]es to these calls" not in asked
        terminal.type("e\n")
        asked = terminal.read_until("[y]es once")
        assert 'station: "72254"' in asked
        terminal.type(answer + "\n")
        rest = terminal.read_to_end()
        assert terminal.wait() == expected, rest
    assert ("reported" in rest) == (expected == 0)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
def test_what_is_no_regular_file_is_no_file_for_a_program_and_is_not_waited_for(
    environment: dict[str, str], tmp_path: Path, kind: str
) -> None:
    path = Path("/dev/zero") if kind == "device" else tmp_path / "it"
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            listening.bind(str(path))
        elif kind == "folder":
            path.mkdir()
        code, _, err = done(environment, "run", "-", "--in", f"{path}:given", stdin="1")
    assert code == 2
    assert f"--in {path}: " in err


def test_a_file_that_a_program_makes_in_the_place_of_one_it_was_given_does_not_come_back(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text("mine")
    program = (
        "import os\nos.unlink('data.csv')\nopen('data.csv', 'w').write('theirs')\n"
        "open('new.csv', 'w').write('new')\n"
    )
    out = tmp_path / "out"
    words = ("--in", str(tmp_path / "data.csv"), "--out", str(out))
    code, _, err = done(environment, "run", "-", *words, stdin=program)
    assert code == 0, err
    assert "'data.csv' is not returned" in err
    assert (tmp_path / "data.csv").read_text() == "mine"
    assert [path.name for path in out.iterdir()] == ["new.csv"]


def test_where_nobody_can_be_asked_all_that_would_be_refused_is_told_before_the_start(
    environment: dict[str, str],
) -> None:
    twice = WRITES + "weather.report_observation(station='72254', celsius=2)\n"
    code, out, err = done(environment, "run", "-", stdin=twice)
    assert (code, out) == (5, "")
    assert 'Tool: "report_observation"\nWhy: line 3, it writes' in err
    assert 'Tool: "report_observation"\nWhy: line 5, it writes' in err
    assert err.count("--allow weather/report_observation") == 1
    allow = ["--allow", "weather/report_observation"]
    assert done(environment, "run", "-", *allow, stdin=twice)[0] == 0
