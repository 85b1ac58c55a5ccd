"""A server as a child process: JSON-RPC over its standard streams, bounded, and never left behind.

`mcp` starts the process and ends its tree on Windows, and is not imported elsewhere. Its own
transport is not used: it tells neither how the process ended nor what else was written to stdout,
bounds no line, takes a time that grows with the square of a line's length, and leaves
grandchildren running whose parent ended.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread
from anyio.abc import AsyncResource
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ..config.environment import passed_on
from ..config.targets import StdioTarget
from ..text import printable, shortened_text
from .connection_state import ConnectionState, Weight
from .installing import Installation, is_telling, package_manager, telling
from .stderr_tail import StderrTail

if TYPE_CHECKING:
    from mcp.os.win32.utilities import ServerProcess

_FLUSH_S: Final = 0.5
"""How long what was sent already may take to be written when a connection is closed."""
_GRACE_S: Final = 2.0
"""How long a server may take to end after its input closed, and again after SIGTERM."""
_EXIT_S: Final = 1.0
"""How long to wait for the exit code of a server that closed its output."""
_INSTALL_GRACE_S: Final = 30.0
"""How long a package manager may go on installing after its input closed. One that is cut off can
leave a package in its cache that is never completed: npm takes it for whole from then on."""
_POLL_S: Final = 0.01

_CLOSED: Final = (anyio.BrokenResourceError, anyio.ClosedResourceError)


@dataclass(frozen=True)
class LineCodec:
    """How messages are written as lines. Both streams carry what it reads and writes."""

    read: Callable[[str], Any]
    """The message of a line, which is stripped and not empty. Raises nothing."""
    write: Callable[[Any], str]
    """A message as a line, without its end. May raise anything for what is no JSON."""


class UnsendableError(ValueError):
    """A message that cannot be written as JSON, so that nothing was sent."""


class _Writing:
    """A write stream that makes lines of messages before they are handed on: one that cannot be
    written costs who sent it, and not the connection."""

    def __init__(self, inner: MemoryObjectSendStream[bytes], written: Callable[[Any], str]) -> None:
        self._inner = inner
        self._written = written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send(self, message: Any) -> None:
        """Wait until it is taken. Raises `UnsendableError`, and what the stream raises."""
        try:
            line = f"{self._written(message)}\n".encode()
        except (ValueError, TypeError, RecursionError) as error:
            what = printable(str(error)).partition("\n")[0]
            raise UnsendableError(
                f"cannot be written as JSON: {shortened_text(what, 200)}"
            ) from None
        await self._inner.send(line)

    async def __aenter__(self) -> _Writing:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._inner.__aexit__(*error)


@asynccontextmanager
async def stdio_streams(
    target: StdioTarget, link: ConnectionState, codec: LineCodec
) -> AsyncIterator[Any]:
    """Start the server and yield its streams. Raises `OSError` when it cannot be started.

    When the block is left, the process and all of its group have ended.
    """
    manager = package_manager(target.command, target.args)
    link.installation = Installation(manager, target.args)
    environment = {**passed_on(), **target.env}
    told = telling(manager, environment)
    link.stderr = tail = StderrTail(link.installation.hear, *([is_telling] if told else []))
    try:
        child = await _started(target, told | environment, tail)
    finally:
        tail.handed_over()
    # No await before the task group: a cancellation there would leave the process behind.
    into, read = anyio.create_memory_object_stream[Any](0)
    write, out = anyio.create_memory_object_stream[bytes](0)
    all_read, all_written = anyio.Event(), anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read_stdout, child, into, _Lines(link, codec.read), link, all_read)
        tasks.start_soon(_write_stdin, child, out, all_written, all_read, into)
        try:
            yield read, _Writing(write, codec.write)
        finally:
            with anyio.CancelScope(shield=True):
                link.is_closing = True
                read.close()  # the reader passes over what still comes
                write.close()
                with anyio.move_on_after(_FLUSH_S):
                    await all_written.wait()
                await _stop(child, link)
            tasks.cancel_scope.cancel()
            for stream in (into, out):
                stream.close()


async def _started(
    target: StdioTarget, environment: dict[str, str], tail: StderrTail
) -> ServerProcess:
    if sys.platform == "win32":
        from mcp.os.win32.utilities import create_windows_process, get_windows_executable_command

        # Scripts such as npx.cmd are only found under their full name.
        command = await anyio.to_thread.run_sync(get_windows_executable_command, target.command)
        return await create_windows_process(
            command, list(target.args), environment, tail.writer, target.cwd
        )
    return await anyio.open_process(
        [target.command, *target.args], env=environment, cwd=target.cwd, stderr=tail.writer,
        start_new_session=True,
    )  # fmt: skip


async def _read_stdout(
    child: ServerProcess,
    into: MemoryObjectSendStream[Any],
    lines: _Lines,
    link: ConnectionState,
    all_read: anyio.Event,
) -> None:
    assert child.stdout
    try:
        async with into:
            async for chunk in child.stdout:
                for message in lines.messages(chunk):
                    await into.send(message)
                if link.why_lost:
                    break
            else:
                lines.finish()
                link.ended = not link.is_closing
    except _CLOSED:
        pass  # the session is gone
    finally:
        all_read.set()
    # A server that waits until all it has to say is read would not end.
    with suppress(*_CLOSED):
        async for _ in child.stdout:
            pass


class _Lines:
    """The messages in what a server writes, in a time that grows with its length only."""

    def __init__(self, link: ConnectionState, read: Callable[[str], Any]) -> None:
        self._link = link
        self._read = read
        self._held: list[bytes] = []
        self._weight = Weight()

    def messages(self, chunk: bytes) -> Iterator[Any]:
        """What `chunk` completes. Sets the state's `why_lost` when there is too much."""
        self._link.count(len(chunk))
        *whole, rest = chunk.split(b"\n")
        if whole:
            self._hold(whole[0])
            whole[0] = b"".join(self._held)
            self._held, self._weight = [], Weight()
        for line in whole:
            if self._link.why_lost:
                return
            # Bytes that are no UTF-8 are no reason to fail: servers print all kinds of things.
            if text := line.decode("utf-8", "replace").strip():
                yield self._read(text)
        self._hold(rest)

    def _hold(self, part: bytes) -> None:
        self._held.append(part)
        self._weight.add(part)
        if size := self._link.too_large(self._weight):
            self._link.why_lost = f"it wrote a line {size} to stdout"

    def finish(self) -> None:
        """Note a last line that has no end."""
        self._link.note_noise(b"".join(self._held).decode("utf-8", "replace"))


async def _write_stdin(
    child: ServerProcess,
    out: MemoryObjectReceiveStream[bytes],
    all_written: anyio.Event,
    all_read: anyio.Event,
    into: MemoryObjectSendStream[Any],
) -> None:
    assert child.stdin
    try:
        async with out:
            async for line in out:
                await child.stdin.send(line)
    except (*_CLOSED, OSError):
        # It reads no more. If it has not ended, the session must learn that no answer will come.
        with anyio.move_on_after(_EXIT_S):
            await all_read.wait()
        await into.aclose()
    finally:
        all_written.set()


async def _stop(child: ServerProcess, link: ConnectionState) -> None:
    assert child.stdin
    assert child.stdout
    if link.ended and await _ended(child, _EXIT_S):
        link.exit_code = child.returncode
    await _closed(child.stdin)
    if not link.why_lost and not link.ended:
        await _installed(child, link)
        await _ended(child, _GRACE_S)
    # The group, not the process: `npx` and `uv run` leave the real server as a grandchild.
    if sys.platform == "win32":
        from mcp.os.win32.utilities import close_process_job, terminate_windows_process_tree

        await terminate_windows_process_tree(child)
        await _ended(child, _GRACE_S)
        close_process_job(child)
    else:
        await _end_group(child)
        await _ended(child, _GRACE_S)
    # Whoever left the group may hold a pipe open, which nothing must wait for.
    await _closed(child.stdout)
    transport = getattr(getattr(child, "_process", None), "_transport", None)
    if (close := getattr(transport, "close", None)) is not None:
        with suppress(PermissionError):
            close()


async def _closed(stream: AsyncResource) -> None:
    with suppress(*_CLOSED, OSError):
        await stream.aclose()


async def _ended(child: ServerProcess, within_s: float) -> bool:
    """Polls, because `wait()` also waits for pipes that a grandchild may hold open."""
    with anyio.move_on_after(within_s):
        while child.returncode is None:  # noqa: ASYNC110
            await anyio.sleep(_POLL_S)
    return child.returncode is not None


async def _installed(child: ServerProcess, link: ConnectionState) -> None:
    """Wait for a package manager that is installing. It then starts the server, whose input is at
    its end."""
    if child.returncode is None and link.installation.is_under_way and not link.answers:
        link.installation.was_given_up = True
        link.waits_for(link.installation)
        with anyio.move_on_after(_INSTALL_GRACE_S):
            while child.returncode is None and link.installation.is_under_way:  # noqa: ASYNC110
                await anyio.sleep(_POLL_S)


async def _end_group(child: ServerProcess) -> None:
    """Ask the whole group to end, and kill what has not ended in time.

    Its number is the leader's, which stays valid for the others when the leader is gone.
    """
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sign)
        except ProcessLookupError:
            return
        except PermissionError:
            pass  # macOS says so of zombies too: it proves nothing
        if await _group_ended(child, _GRACE_S):
            return


async def _group_ended(child: ServerProcess, within_s: float) -> bool:
    with anyio.move_on_after(within_s):
        while True:
            try:
                os.killpg(child.pid, 0)
            except ProcessLookupError:
                return True
            except PermissionError:
                pass
            _ = child.returncode  # reading it reaps the process on trio
            await anyio.sleep(_POLL_S)
    return False
