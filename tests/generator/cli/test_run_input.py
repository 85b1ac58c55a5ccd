"""What a program is given by `mcp-sdkgen run`, and what is seen of it while it runs."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.generator.cli.running import WRITES, command, done
from tests.patience import HANG_S
from tests.terminals import Terminal, interruptible

ECHO = "import sys\nprint(sys.argv[1:], sys.stdin.read())\n"


def test_words_after_two_dashes_and_standard_input_are_the_programs(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "p.py"
    program.write_text(ECHO)
    words = ["run", str(program), "--", "a b", "--json"]
    code, out, err = done(environment, *words, stdin="typed")
    assert (code, out) == (0, "['a b', '--json'] typed\n"), err


def test_a_program_that_came_by_standard_input_is_told_that_there_is_no_other(
    environment: dict[str, str],
) -> None:
    code, _, err = done(environment, "run", "-", stdin="input()")
    assert code == 1
    assert "OSError: standard input cannot be read: standard input held the program" in err


def test_keys_of_the_terminal_are_never_a_programs_input(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "p.py"
    program.write_text("input('really? ')\n")
    with Terminal(command("run", str(program)), environment) as terminal:
        shown = terminal.read_to_end()
        assert terminal.wait() == 1, shown
    assert "questions about calls" in shown


def test_input_files_are_found_in_the_working_folder(
    environment: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1,2\n")
    program = "print(open('data.csv').read(), open('sub/x').read())"
    options = ["--in", str(data), "--in", f"{data}:sub/x", "--out", str(tmp_path / "out")]
    code, out, err = done(environment, "run", "-", *options, stdin=program)
    assert (code, out) == (0, "1,2\n 1,2\n\n"), err
    assert not (tmp_path / "out" / "data.csv").exists()


def test_an_input_file_that_cannot_be_given_is_named(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("x")
    for words, told in (
        (["--in", str(tmp_path / "nothing")], "No such file"),
        (["--in", str(tmp_path)], "Is a directory"),
        (
            ["--in", str(tmp_path / "a"), "--in", str(tmp_path / "a")],
            "two files would be named 'a'",
        ),
        (["--in", f"{tmp_path / 'a'}:../b"], "not a name in the program's folder"),
    ):
        code, _, err = done(environment, "run", "-", *words, stdin="1")
        assert (code, told in err) == (2, True), err


def test_a_resumed_run_has_the_arguments_and_files_that_it_began_with(
    environment: dict[str, str], tmp_path: Path
) -> None:
    data, journal, program = tmp_path / "input", tmp_path / "journal", tmp_path / "p.py"
    data.write_text("72254")
    program.write_text(
        "import sys\nfrom weather_sdk import weather\n"
        "weather.report_observation(station=open('input').read(), celsius=float(sys.argv[1]))\n"
        "print('reported')\n"
    )
    words = ["run", str(program), "--in", str(data), "--journal", str(journal), "--", "1"]
    code, _, err = done(environment, *words)
    assert code == 5, err
    data.write_text("another")
    allow = ["--allow", "weather/report_observation"]
    code, _, err = done(environment, "resume", str(journal), *allow)
    assert (code, "has changed since the run began" in err) == (2, True), err
    data.write_text("72254")
    code, out, err = done(environment, "resume", str(journal), *allow)
    assert (code, out) == (0, "reported\n"), err


def test_what_a_program_prints_is_seen_at_once_and_kept_when_it_is_interrupted(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "p.py"
    program.write_text("import time\nprint('begun')\nwhile True: time.sleep(1)\n")
    process = subprocess.Popen(
        command("run", str(program)),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=interruptible,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=HANG_S)
    assert (process.returncode, out, "Traceback" in err) == (130, "", False), err


def test_nobody_who_reads_the_output_costs_the_run_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "p.py"
    program.write_text("print('a')\n" * 200 + "import sys\nprint('done', file=sys.stderr)\n")
    process = subprocess.Popen(
        command("run", str(program)),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read().decode()
    assert (process.wait(HANG_S), "Traceback" in err) == (0, False), err


def test_a_refusal_is_told_once(environment: dict[str, str]) -> None:
    deny = ["--deny", "weather/report_observation"]
    code, _, err = done(environment, "run", "-", *deny, stdin=WRITES)
    assert code == 1
    assert err.count("the rule `deny weather/report_observation` refuses it") == 1, err
    caught = WRITES.replace("weather.report", "try: weather.report").replace(
        "celsius=1)\n", "celsius=1)\nexcept Exception: pass\n"
    )
    code, out, err = done(environment, "run", "-", *deny, stdin=caught)
    assert (code, out) == (0, "snowy\nreported\n"), err
    assert err.count("the rule `deny weather/report_observation` refuses it") == 1, err
