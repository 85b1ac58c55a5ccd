"""A server as a child process: JSON-RPC over its standard streams, bounded, and never left behind.

`mcp`'s own stdio transport neither bounds a line nor tells how the process ended, so this is one
that does. It is a `Transport` to `mcp`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import anyio
from anyio.abc import Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp_sdkgen_runtime.config.targets import StdioTarget
from mcp_types import jsonrpc_message_adapter

from ..json_io import MAX_BYTES

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

MAX_STDERR_BYTES: Final = 64 * 1024
MAX_NOISE_LINES: Final = 3
MAX_NOISE_BYTES: Final = 4 * 1024
GRACE_S: Final = 2.0
"""How long a server may take to end after its input closed, and again after SIGTERM."""
EXIT_S: Final = 1.0
"""How long to wait for the exit code of a server that closed its output."""
_POLL_S: Final = 0.01


@dataclass
class ProcessLog:
    """What a child process did. All text is the server's own and not redacted.

    `noise` holds the first lines of its output that are no JSON-RPC messages. `broken` says why
    its output cannot be followed any more. `ended` says that it closed its output by itself, and
    `exit_code` is set when it then ended. `stopped` says that we ended it.
    """

    stderr: bytearray = field(default_factory=bytearray)
    stderr_is_cut: bool = False
    stderr_ended: anyio.Event = field(default_factory=anyio.Event)
    noise: list[str] = field(default_factory=list)
    broken: str = ""
    exit_code: int | None = None
    ended: bool = False
    stopped: bool = False


@asynccontextmanager
async def process(target: StdioTarget, log: ProcessLog) -> AsyncGenerator[TransportStreams]:
    """Start the server and yield its streams. Raises `OSError` when it cannot be started.

    When the block is left, the process and all of its group have ended.
    """
    child = await _start(target)
    into, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, out = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read_stdout, child, into, log)
        tasks.start_soon(_read_stderr, child, log)
        tasks.start_soon(_write_stdin, child, out)
        try:
            yield read, write
        finally:
            with anyio.CancelScope(shield=True):
                await _stop(child, log)
            tasks.cancel_scope.cancel()
            for stream in (read, into, write, out):
                stream.close()


async def _start(target: StdioTarget) -> Process:
    command = target.command
    if sys.platform == "win32":
        # Scripts such as npx.cmd are only found under their full name.
        command = shutil.which(command) or command
    return await anyio.open_process(
        [command, *target.args],
        env=get_default_environment() | dict(target.env),
        cwd=target.cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


async def _read_stdout(
    child: Process, into: MemoryObjectSendStream[SessionMessage | Exception], log: ProcessLog
) -> None:
    assert child.stdout
    buffer = bytearray()
    total = 0
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async with into:
            async for chunk in child.stdout:
                total += len(chunk)
                if total > MAX_BYTES:
                    log.broken = f"it wrote more than {MAX_BYTES} bytes"
                    return
                searched = len(buffer)
                buffer += chunk
                while (end := buffer.find(b"\n", searched)) >= 0:
                    line, searched = bytes(buffer[:end]), 0
                    del buffer[: end + 1]
                    message = _message(line, log)
                    if log.broken:
                        return
                    if message is not None:
                        await into.send(message)
            log.ended = not log.stopped
            if buffer.strip():
                _message(bytes(buffer), log)


def _message(line: bytes, log: ProcessLog) -> SessionMessage | None:
    text = line.decode("utf-8", "replace").strip()
    if not text:
        return None
    try:
        # NaN is let through here: it costs only the definition that holds it.
        data = json.loads(text)
    except (ValueError, RecursionError):
        _note(text, log)
        if text.startswith('{"'):
            # This was meant as a message: the request it answers would wait for ever.
            log.broken = "it wrote a line that is not JSON"
        return None
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_python(data, by_name=False))
    except (ValueError, RecursionError):
        _note(text, log)
        if isinstance(data, dict) and "id" in data and "method" not in data:
            log.broken = "it wrote an answer that is no JSON-RPC response"
        return None


def _note(text: str, log: ProcessLog) -> None:
    if len(log.noise) < MAX_NOISE_LINES:
        log.noise.append(text[:MAX_NOISE_BYTES])


async def _read_stderr(child: Process, log: ProcessLog) -> None:
    assert child.stderr
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async for chunk in child.stderr:
            log.stderr += chunk
            if len(log.stderr) > MAX_STDERR_BYTES:
                del log.stderr[:-MAX_STDERR_BYTES]
                log.stderr_is_cut = True
    log.stderr_ended.set()


async def _write_stdin(child: Process, out: MemoryObjectReceiveStream[SessionMessage]) -> None:
    assert child.stdin
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        async with out:
            async for item in out:
                line = item.message.model_dump_json(by_alias=True, exclude_unset=True) + "\n"
                await child.stdin.send(line.encode())


async def _stop(child: Process, log: ProcessLog) -> None:
    log.stopped = True
    if log.ended and await _ended(child, EXIT_S):
        log.exit_code = child.returncode
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        assert child.stdin
        await child.stdin.aclose()
    if not log.broken and not log.ended:
        await _ended(child, GRACE_S)
    for stop in (_terminate, _kill):
        # The group, not the process: `npx` and `uv run` leave the real server as a grandchild.
        stop(child)
        if await _group_ended(child, GRACE_S):
            break
    with anyio.move_on_after(EXIT_S):
        # The last words of a short-lived server may still be in the pipe.
        await log.stderr_ended.wait()
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await child.aclose()


async def _ended(child: Process, within_s: float) -> bool:
    """Polls, because `wait()` also waits for pipes that a grandchild may hold open."""
    with anyio.move_on_after(within_s):
        while child.returncode is None:  # noqa: ASYNC110
            await anyio.sleep(_POLL_S)
    return child.returncode is not None


async def _group_ended(child: Process, within_s: float) -> bool:
    with anyio.move_on_after(within_s):
        while child.returncode is None or _group_is_alive(child):  # noqa: ASYNC110
            await anyio.sleep(_POLL_S)
        return True
    return False


def _terminate(child: Process) -> None:
    if sys.platform == "win32":
        _kill(child)
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGTERM)


def _kill(child: Process) -> None:
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True, check=False
        )
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def _group_is_alive(child: Process) -> bool:
    if sys.platform == "win32":
        return False
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
