"""What a sandbox does for a good program, and what is left of one when it ends, however it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_codemode.sandbox import Engine, SandboxError, rootfs
from mcp_sdkgen_codemode.sandbox.engines.bubblewrap import Bubblewrap
from mcp_sdkgen_codemode.sandbox.processes import Work, gone
from mcp_sdkgen_codemode.sandbox.self_test import ProbeClient

from tests.codemode.sandbox import sandboxes
from tests.codemode.sandbox.engines import bubblewrap
from tests.patience import HANG_S


@pytest.fixture
def engine() -> Engine:
    return bubblewrap()


def program(text: str) -> str:
    return textwrap.dedent(text)


@pytest.mark.parametrize(
    ("last", "value"),
    [
        ("1 + 1", 2),
        ("x = 3", None),
        ("{'a': (1, 2.5, None, True)}", {"a": [1, 2.5, None, True]}),
        ("float('nan'), -float('inf')", ["NaN", "-Infinity"]),
        ("import datetime; datetime.date(2026, 1, 2)", "2026-01-02"),
        ("from decimal import Decimal; {1: Decimal('1.10')}", {"1": "1.10"}),
        ("object()", None),
        ("(n for n in iter(int, 1))", None),
        ("'\\ud800 \\u20ac'", "? €"),
        ("from weather_sdk import weather; weather.SERVER", "weather"),
        ("import asyncio\nawait asyncio.sleep(0, 'awaited')", "awaited"),
    ],
)
def test_the_value_of_the_last_expression_comes_back(engine: Engine, last: str, value: Any) -> None:
    spec = sandboxes.spec(sdks=(sandboxes.ROOT / "generated/weather/weather_sdk",))
    ran = sandboxes.run(engine, last, spec)
    assert (ran.status, ran.value) == ("ok", value), ran


def test_a_program_sees_what_is_odd_of_an_answer(engine: Engine) -> None:
    ran = sandboxes.run(
        engine,
        program(
            """
            import sdk
            from mcp_sdkgen_runtime import Arguments, Client, Tool, Unstructured

            class Calc(Client):
                SERVER = "calc"

            class Given(Arguments):
                answer: dict

            echo = Tool(
                server="calc", name="echo", arguments=Given, result=Unstructured, digest=""
            )
            odd = {"content": [{"type": "text", "text": "7"}, {"type": "video", "url": "x"}]}
            answer = Calc()._call(echo, {"answer": odd})
            [answer.json(), answer.notes]
            """
        ),
    )
    noted = "content[1].type: 'video' is no type of the protocol; kept as it came"
    assert (ran.status, ran.value) == ("ok", [7, [noted]]), ran


def test_a_program_calls_tools_awaits_and_uses_threads(engine: Engine) -> None:
    ran = sandboxes.run(
        engine,
        program(
            """
            import asyncio
            from concurrent.futures import ThreadPoolExecutor
            from dataclasses import dataclass
            from pydantic import BaseModel
            from sdk import tools

            class Sum(BaseModel):
                total: int

            with ThreadPoolExecutor(4) as pool:
                first = sum(pool.map(lambda n: tools.call("add", a=n, b=1), range(3)))
            rest = await asyncio.gather(
                *(asyncio.to_thread(tools.call, "add", a=n, b=n) for n in range(3))
            )
            print("running")
            Sum(total=first + sum(rest))
            """
        ),
    )
    assert (ran.status, ran.value, ran.stdout) == ("ok", {"total": 12}, "running\n"), ran
    assert ran.calls == ["add"] * 6


def test_an_ordinary_thread_is_waited_for_as_outside(engine: Engine) -> None:
    ran = sandboxes.run(
        engine,
        program(
            """
            import threading, time
            def late():
                time.sleep(0.3)
                print("late")
                open("late.txt", "w").write("x")
            threading.Thread(target=late).start()
            """
        ),
    )
    assert (ran.status, ran.stdout, ran.artifacts) == ("ok", "late\n", {"late.txt": b"x"}), ran


def test_files_in_the_working_folder_come_back_and_nothing_else_does(engine: Engine) -> None:
    ran = sandboxes.run(
        engine,
        program(
            """
            import os
            os.makedirs("a/b")
            open("a/b/big.bin", "wb").write(bytes(range(256)) * 2000)
            open("empty", "w").close()
            open("a\\\\b:c", "w").close()
            os.symlink("/etc/passwd", "link")
            os.symlink("/usr", "folder")
            open("../elsewhere", "w").write("x")
            """
        ),
    )
    assert ran.status == "ok", ran
    assert ran.artifacts == {"a/b/big.bin": bytes(range(256)) * 2000, "empty": b""}
    assert "is not returned" in ran.stderr


def test_an_error_is_told_in_the_programs_own_lines(engine: Engine) -> None:
    ran = sandboxes.run(
        engine,
        program(
            """\
            import json
            def read(text):
                return json.loads(text)
            read("{")
            """
        ),
    )
    assert ran.status == "error"
    assert (ran.error or "").startswith("JSONDecodeError: ")
    assert ran.line == 3
    assert "    return json.loads(text)\n" in ran.traceback
    assert "decoder.py" not in ran.traceback


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("x = (", "SyntaxError: ", 1),
        ("import sys\nsys.exit('no luck')", "SystemExit: no luck", 2),
        ("class E(Exception):\n  def __str__(self): raise E\nraise E", "E: ", 3),
        ("import no_such_thing", "ModuleNotFoundError: ", 1),
        (
            "import asyncio\nasync def f():\n  {}['k']\nasync with asyncio.TaskGroup() as g:\n"
            "  g.create_task(f())",
            "ExceptionGroup: ",
            3,
        ),
        ("def f(): return f()\nf()", "RecursionError: ", 1),
        ("bytearray(1 << 40)", "MemoryError", 1),
    ],
)
def test_whatever_is_raised_is_reported(engine: Engine, text: str, error: str, line: int) -> None:
    ran = sandboxes.run(engine, text)
    assert ran.status == "error", ran
    assert (ran.error or "").startswith(error)
    assert ran.line == line


def test_exit_without_a_code_is_an_end_like_another(engine: Engine) -> None:
    assert sandboxes.run(engine, "import sys\nprint('x')\nsys.exit()").status == "ok"


def test_a_package_that_the_host_allows_can_be_imported_and_others_cannot(engine: Engine) -> None:
    ran = sandboxes.run(engine, "import rstr; rstr.__name__", sandboxes.spec(packages=("rstr",)))
    assert ran.value == "rstr", ran
    assert (sandboxes.run(engine, "import rstr").error or "").startswith("ModuleNotFoundError")


def test_a_package_that_is_not_installed_is_refused_with_the_fix(engine: Engine) -> None:
    with pytest.raises(SandboxError, match="pip install no-such-package"):
        sandboxes.run(engine, "1", sandboxes.spec(packages=("no-such-package",)))


def test_a_session_keeps_its_variables_and_its_event_loop(engine: Engine) -> None:
    async def session() -> list[Any]:
        sandbox = await engine.start(sandboxes.spec())
        talk, found = ProbeClient(sandbox), []
        await talk.until("sandbox/ready")
        for text in (
            "import asyncio\nx = 1\nt = asyncio.create_task(asyncio.sleep(0.01, 5))\n"
            "await asyncio.sleep(0)",
            "x += 1\nx + await t",
            "raise ValueError",
            "x",
        ):  # fmt: skip
            await talk.run(text, keep=True)
            found.append((await talk.until("sandbox/result"))["params"].get("value"))
        sandbox.close()
        await sandbox.wait()
        return found

    assert asyncio.run(session()) == [None, 7, None, 2]


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("import os; os._exit(3)", "exit 3"),
        ("import os; os.abort()", "signal SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "signal SIGSEGV"),
        ("while True: pass", "signal SIGXCPU"),
    ],
)
def test_how_a_sandbox_ended_is_told(engine: Engine, text: str, ending: str) -> None:
    spec = sandboxes.spec(limits=replace(sandboxes.LIMITS, time_s=HANG_S, cpu_s=1))
    assert sandboxes.run(engine, text, spec).ending == ending


def test_a_sandbox_outlives_the_thread_that_asked_for_it(engine: Engine) -> None:
    found: list[Any] = []
    thread = threading.Thread(
        target=lambda: found.append(asyncio.run(engine.start(sandboxes.spec())))
    )
    thread.start()
    thread.join()
    [sandbox] = found

    async def rest() -> str:
        talk = ProbeClient(sandbox)
        await talk.until("sandbox/ready")
        await talk.run("1", keep=False)
        await talk.until("sandbox/result")
        sandbox.close()
        return str(await sandbox.wait())

    assert asyncio.run(rest()) in ("exit 0", "signal SIGKILL")


def test_killing_may_be_done_at_any_time_and_twice(engine: Engine) -> None:
    async def main() -> list[str]:
        sandbox = await engine.start(sandboxes.spec())
        sandbox.kill()
        sandbox.kill()
        endings = [await sandbox.wait(), await sandbox.wait()]
        sandbox.kill()
        sandbox.close()
        sandbox.close()
        return endings

    assert asyncio.run(main()) == ["signal SIGKILL"] * 2


@pytest.mark.usefixtures("engine")
def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    host = subprocess.run(
        [sys.executable, "-m", "tests.codemode.sandbox.cancelling"],
        cwd=sandboxes.ROOT, capture_output=True, text=True, timeout=HANG_S,
    )  # fmt: skip
    assert host.returncode == 0, host.stderr
    told = json.loads(host.stdout)
    assert told["cancelled"] > 0
    assert told["after"] == told["before"]


def test_nothing_of_a_sandbox_is_left_when_its_host_is_killed(engine: Engine) -> None:
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.codemode.sandbox.host"],
        cwd=sandboxes.ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert host.stdout is not None
    first, outer = map(int, host.stdout.readline().split())
    watched = [os.pidfd_open(first), os.pidfd_open(outer)]
    host.send_signal(signal.SIGKILL)
    host.wait()

    _until_gone(watched)


def _until_gone(watched: list[int]) -> None:
    """Wait for the end of processes, by their pidfds, and close these."""

    async def until_gone() -> None:
        await asyncio.wait_for(asyncio.gather(*map(gone, watched)), HANG_S)

    asyncio.run(until_gone())
    for fd in watched:
        os.close(fd)


@pytest.mark.skipif(os.geteuid() != 0, reason="a plain user's sandboxes run as that user")
def test_root_runs_sandboxes_as_a_user_of_their_own() -> None:
    async def main() -> str:
        sandbox = await Bubblewrap(uid=65531).start(sandboxes.spec())
        try:
            return await asyncio.to_thread(Path(f"/proc/{sandbox.pid}/status").read_text)
        finally:
            sandbox.close()
            await sandbox.wait()

    bubblewrap()
    assert "Uid:\t65531\t65531\t65531\t65531" in asyncio.run(main())


def test_a_start_that_is_cancelled_ends_the_build_of_its_files_and_leaves_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bubblewrap()
    engine = Bubblewrap()  # another than that of other tests, which has its files
    begun, cache = tmp_path / "begun", tmp_path / "cache"
    os.mkfifo(begun)

    def compile_for_ever(folder: Path, work: Work) -> None:
        work.run(["sh", "-c", f"sh -c 'echo $$ > {begun}; exec sleep infinity' & wait"])

    monkeypatch.setattr(rootfs, "_compile", compile_for_ever)
    monkeypatch.setattr(rootfs, "_check_reachable", lambda cache: None)  # nothing is started there
    monkeypatch.setattr(engine, "cache", cache)

    async def cancelled() -> int:
        start = asyncio.create_task(engine.start(sandboxes.spec()))
        fd = os.open(begun, os.O_RDWR)
        start.add_done_callback(lambda _: os.write(fd, b"0"))
        child = int(await asyncio.to_thread(os.read, fd, 100))
        assert child, start
        start.cancel()
        await asyncio.wait([start])
        assert start.cancelled()
        os.close(fd)
        return child

    child = asyncio.run(cancelled())
    ended = Path(f"/proc/{child}/stat")
    assert not ended.exists() or ended.read_text().rpartition(")")[2].split()[0] in "ZX"
    assert [path.suffix for path in cache.iterdir()] in ([], [".lock"])
