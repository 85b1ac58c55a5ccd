"""The first code that runs in a sandbox. Trusted until the program starts; then nothing here is."""

from __future__ import annotations

import gc
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import artifacts, inputs
from .preload import warm
from .rlimits import confine
from .runner import Programs
from .stdio import Pair, printing, silence

OUTPUT = "/tmp/output"  # noqa: S108
_FOR_THE_LOADER = ("LD_LIBRARY_PATH", "MALLOC_ARENA_MAX")


def main() -> None:
    """Warm up, say `sandbox/ready`, and run what `sandbox/run` brings. Never returns."""
    where, *modules = sys.argv[1:]
    for name in _FOR_THE_LOADER:
        os.environ.pop(name, None)
    sys.path += ["/site", "/sdks", "/packages"]
    stdio = where == "stdio"
    stream = Pair() if stdio else _only(*map(int, where.split(",")))
    Path(OUTPUT).mkdir()
    os.chdir(OUTPUT)
    warm(modules)

    from mcp_sdkgen_runtime.guest.broker_session import install
    from mcp_sdkgen_runtime.guest.channel import Channel

    # Its thread must be there before a program can use up all threads.
    channel = Channel(stream)  # type: ignore[arg-type]
    install(channel)
    sys.path.remove("/guest")
    if stdio:
        silence()
        sys.stdout, sys.stderr = printing(channel, "stdout"), printing(channel, "stderr")
    channel.notify("sandbox/ready", {})
    programs, confined = Programs(), False
    given: set[int] = set()
    gc.freeze()
    while True:
        order = channel.runs.get()
        if order is None:
            os._exit(0)
        if not confined:
            # A container counts the tasks of each sandbox; by user they would count together.
            confine(order["limits"], count_tasks=not stdio)
            confined = True
        channel.begin(order)
        given |= inputs.receive(OUTPUT, order.get("files", ()), channel.chunk)
        sys.stdin = inputs.standard_input(channel, bool(order.get("stdin")))
        _run(channel, programs, order, given)
        if not order.get("keep"):
            os._exit(0)


def _only(number: int, tmp: int) -> socket.socket:
    """The channel, with every other inherited descriptor closed.

    Through that with the number `tmp`, the host gets the folder whose files it counts.
    """
    with socket.socket(fileno=tmp) as to_host:
        socket.send_fds(to_host, [b"."], [os.open("/tmp", os.O_PATH)])  # noqa: S108
    os.closerange(3, number)
    os.closerange(number + 1, 4096)
    os.set_inheritable(number, False)
    return socket.socket(fileno=number)


def _run(channel: Any, programs: Programs, order: dict[str, Any], given: set[int]) -> None:
    limits, filename = order["limits"], str(order.get("filename") or "<program>")
    argv = [filename, *order.get("argv", ())]
    try:
        result = programs.run(str(order["program"]), argv, limits)
        if not order.get("keep"):
            programs.end()
        artifacts.flush()
        for stream in (sys.stdout, sys.stderr):
            with suppress(BaseException):
                stream.flush()
        artifacts.send(OUTPUT, limits, channel.notify, given)
        channel.notify("sandbox/result", result)
    except BaseException:
        # The program has broken what this stands on; the host sees the channel close.
        os._exit(1)
