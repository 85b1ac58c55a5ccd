"""A command that is forked is like one that was started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import HANG_S
from tests.terminals import Terminal
from tests.warm import PYTHON

STARTED = [sys.executable]
IS_FORKED = "import sys; print('pydantic' in sys.modules)"


def python(*words: str | Path, way: list[str] = PYTHON, **options: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    done = subprocess.run(
        [*way, *map(str, words)],
        **{"capture_output": True, "text": True, "timeout": HANG_S, **options},  # type: ignore[call-overload]
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import sys; print(sys.argv, repr(sys.stdin.read())); sys.exit(3)",
        "import sys; sys.exit('why')",
        "import os, sys; print(os.getcwd(), sys.path, sorted(os.environ.items()))",
        "import os; print(sorted(os.listdir('/proc/self/fd')))",
        "import os; print(oct(os.umask(0)), os.getsid(0) == os.getpid(), os.isatty(0))",
        "import atexit; atexit.register(print, 'the end')",
        "import threading; threading.Timer(0.01, print, ['later']).start()",
        "import sys; print([(f.encoding, f.errors, f.line_buffering) for f in"
        " (sys.stdin, sys.stdout, sys.stderr)])",
        "import sys; sys.stdout.buffer.write(b'a\\n\\xff'); print('\\u00e9', file=sys.stderr)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import os; os.abort()",
        "import os; os._exit(7)",
        "raise KeyboardInterrupt",
        "import asyncio, subprocess, sys; print(asyncio.run(asyncio.to_thread("
        "subprocess.run, [sys.executable, '-c', '1'])).returncode)",
    ],
)
def test_code_does_and_ends_as_in_a_process_that_was_started(code: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "ONE": "\u00e9\n2"}
    forked, started = (
        python(
            *("-c", code, "a b", ""), way=way, cwd=tmp_path, env=environment, input="given",
            start_new_session=True, errors="surrogateescape",
        )
        for way in (PYTHON, STARTED)
    )  # fmt: skip
    assert forked[:2] == started[:2]
    # A traceback has the lines of the fork above those of the code.
    assert forked[2].splitlines()[-1:] == started[2].splitlines()[-1:]


@pytest.mark.parametrize("way", [PYTHON, STARTED], ids=["forked", "started"])
def test_scripts_and_modules_find_what_is_beside_them(way: list[str], tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("NAME = __name__\n")
    script = tmp_path / "script.py"
    script.write_text("import beside, sys\nprint(__name__, beside.NAME, sys.argv[1:], __file__)\n")
    told = f"__main__ beside ['x'] {script}\n"
    assert python(script, "x", way=way, cwd="/")[:2] == (0, told)
    assert python("-m", "script", "x", way=way, cwd=tmp_path)[:2] == (0, told)


def test_only_what_is_like_the_process_that_is_forked_is_forked() -> None:
    assert python("-c", IS_FORKED) == (0, "True\n", "")
    assert python("-I", "-c", IS_FORKED) == (0, "False\n", "")
    for name in ("PYTHONHASHSEED", "PYTHONOPTIMIZE", "LC_TIME", "TZ"):
        assert python("-c", IS_FORKED, env={**os.environ, name: "1"}) == (0, "False\n", "")


def test_nothing_that_a_command_does_is_left_for_the_next() -> None:
    leave = "import json, os, sys; json.left = os.environ['LEFT'] = '1'; sys.path.append('/left')"
    see = "import json, os, sys; print(hasattr(json, 'left'), 'LEFT' in os.environ, sys.path[-1])"
    before = python("-c", see)
    assert python("-c", leave)[0] == 0
    assert python("-c", see) == before == (0, before[1], "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_reach_a_command(number: signal.Signals) -> None:
    code = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(5))\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen([*PYTHON, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(HANG_S) == 5


def test_a_command_goes_with_its_client() -> None:
    code = "import signal; print('ready', flush=True); signal.pause()"
    with subprocess.Popen([*PYTHON, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.kill()
        # Its output ends when nobody has it any more.
        assert process.stdout.read() == ""
        assert process.wait(HANG_S) == -signal.SIGKILL


def test_a_terminal_is_that_of_the_command() -> None:
    code = (
        "import json, os, signal\n"
        "with open('/dev/tty', 'w') as terminal:\n"
        "    print('typed:', input('? '), file=terminal)\n"
        "print(json.dumps([os.ttyname(n) == os.ttyname(0) for n in (1, 2)]))\n"
        "try:\n"
        "    print('ready', flush=True)\n"
        "    signal.pause()\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )
    with Terminal([*PYTHON, "-c", code], os.environ) as terminal:
        terminal.read_until("? ")
        terminal.type("words\n")
        terminal.read_until("typed: words")
        assert json.loads(terminal.read_until("]").splitlines()[-1]) == [True, True]
        terminal.read_until("ready")
        terminal.type("\x03")
        assert "stopped" in terminal.read_to_end()
        assert terminal.wait() == 0
