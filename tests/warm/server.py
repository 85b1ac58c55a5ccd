"""Does costly imports once, and forks itself for each command that a client (`client.py`) has.

    python server.py FD FOLDER

FD is the socket on which it listens, FOLDER the one that the socket is in. It ends, and removes
FOLDER, when its stdin ends.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import io
import json
import os
import runpy
import select
import shutil
import signal
import socket
import sys
import termios
from contextlib import suppress
from types import ModuleType
from typing import Any

from client import read_at_start

COSTLY = (
    "anyio._backends._asyncio",
    "mcp.client.streamable_http",
    "mcp.server.mcpserver",
    "mcp_sdkgen.package.verify",
    "mcp_sdkgen.pipeline",
    "mcp_sdkgen.provision",
    "mcp_sdkgen_codemode.executor",
    "mcp_sdkgen_codemode.library",
    "mcp_sdkgen_codemode.serve",
    "mcp_sdkgen_codemode.tool_search",
    "mcp_sdkgen_runtime.client",
    "mcp_sdkgen_runtime.session.mcp_session",
    "rich.progress",
    "typer.main",
    "uvicorn",
)
"""The command line is not among them: its modules look at the terminal when they are imported."""


def main() -> None:
    """Serve until stdin ends."""
    listening = socket.socket(fileno=int(sys.argv[1]))
    fresh = sys.path[1:]  # without the folder of this file
    started_with = json.dumps(read_at_start())
    are_imported = False
    while True:
        readable, _, _ = select.select([listening, 0], [], [])
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if 0 in readable:
            shutil.rmtree(sys.argv[2], ignore_errors=True)
            return
        connection, _ = listening.accept()
        if not are_imported:
            for name in COSTLY:
                importlib.import_module(name)
            gc.collect()
            gc.freeze()  # a fork need not copy what it never frees
            are_imported = True
        if os.fork() == 0:
            listening.close()
            connection.sendall(f"{started_with}\n".encode())
            command = _look_after(connection)
            if command is not None:
                _run(command, fresh)
            return
        connection.close()


def _look_after(connection: socket.socket) -> dict[str, Any] | None:
    """Fork the command and tell the client its end. In the command, what to run is returned.

    A client that is gone, killed perhaps, takes the command with it.
    """
    first, streams, _, _ = socket.recv_fds(connection, 4, 3)
    if not first:
        return None  # it does without
    with connection.makefile("rb") as reading:
        request: dict[str, Any] = json.loads(reading.read(int.from_bytes(first)))
    wakes, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number in (wakes, wake):
            os.close(number)
        connection.close()
        _become(request, streams)
        return request
    for number in (0, *streams):
        os.close(number)
    connection.sendall(f"{pid}\n".encode())
    readable, _, _ = select.select([connection, wakes], [], [])
    if connection in readable:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    return None


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Have a session, and the client's streams, terminal, folder and variables."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in request["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    os.umask(request["umask"])
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    _open_streams()


def _open_streams() -> None:
    """Have the streams that Python makes as it starts."""
    through = bool(os.environ.get("PYTHONUNBUFFERED"))
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        raw = os.fdopen(number, "wb" if number else "rb", closefd=False)
        errors = getattr(sys, name).errors
        if number < 2 and os.environ.get("PYTHONUTF8") == "1":
            errors = "surrogateescape"
        by_line = not through and (number == 2 or os.isatty(number))
        stream = io.TextIOWrapper(
            raw, "utf-8", errors, line_buffering=by_line, write_through=through
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _run(request: dict[str, Any], fresh: list[str]) -> None:
    """Run a script, a module or code as `__main__`. What it raises ends this process, as ever."""
    what, *rest = request["arguments"]
    given = request["environment"].get("PYTHONPATH", "")
    sys.path[:] = [*filter(None, given.split(os.pathsep)), *fresh]
    if what == "-m":
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif what == "-c":
        sys.path.insert(0, "")
        sys.argv = ["-c", *rest[1:]]
        sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(rest[0], "<string>", "exec"), sys.modules["__main__"].__dict__)
    else:
        sys.path.insert(0, str(os.path.dirname(os.path.realpath(what))))  # noqa: PTH120
        sys.argv = request["arguments"]
        runpy.run_path(what, run_name="__main__")


if __name__ == "__main__":
    main()
