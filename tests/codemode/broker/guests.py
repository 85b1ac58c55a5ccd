"""Channels for tests: a broker at the host's end, and at the other a guest of any kind."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.broker.channel import HostChannel
from mcp_sdkgen_codemode.broker.guest_result import GuestResult
from mcp_sdkgen_codemode.limits import Limits
from mcp_sdkgen_codemode.policy.services import Service
from mcp_sdkgen_runtime import RawResult
from mcp_sdkgen_runtime.guest.broker_session import AsyncBrokerSession, BrokerSession
from mcp_sdkgen_runtime.guest.channel import Channel

from tests.warm import PYTHON

ROOT = Path(__file__).parents[3]
WEATHER = [*PYTHON, str(ROOT / "examples" / "servers" / "weather.py")]
SDKS = str(ROOT / "generated" / "weather")
if SDKS not in sys.path:
    sys.path.insert(0, SDKS)

GUEST = """
import json, socket, sys
sys.path.insert(0, sys.argv[2])
sock = socket.socket(fileno=int(sys.argv[1]))
sock.sendall(b'{"jsonrpc":"2.0","method":"sandbox/ready"}\\n')
from mcp_sdkgen_runtime.guest import broker_session, channel
channel = channel.Channel(sock)
run = channel.runs.get()
if run is not None:
    channel.begin(run)
    broker_session.install(channel)
    names = {"channel": channel, "__name__": "__main__"}
    try:
        exec(compile(run["program"], "<program>", "exec"), names)
        told = {"status": "finished", "value": names.get("value")}
    except BaseException as error:
        told = {"status": "failed", "error": {"type": type(error).__name__, "message": str(error)}}
    channel.notify("sandbox/result", told)
    channel.runs.get()
"""
READS = {"readOnlyHint": True}


def definition(name: str, annotations: Mapping[str, Any] | None = None, **schema: Any) -> Any:
    """A tool definition whose schema takes what `schema` says; anything when that is empty."""
    return {
        "name": name,
        "inputSchema": {"type": "object", **schema},
        "annotations": READS if annotations is None else annotations,
    }


class Fake:
    """A server that does what a function says, and remembers what it was asked."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], Any] | None = None) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answer = answer or (lambda tool, arguments: f"{tool} done")

    async def call(self, tool: str, arguments: dict[str, Any], *, options: Any = None) -> RawResult:
        """Answer a call with what the function returns, awaited if need be: text, or a result."""
        self.asked.append((tool, arguments))
        found = self._answer(tool, arguments)
        if asyncio.iscoroutine(found):
            found = await found
        return found if isinstance(found, RawResult) else RawResult([text(found)])

    def service(self, *definitions: Any, server: str = "fake") -> Service:
        """This server behind a broker."""
        given = definitions or (definition("read"), definition("write", {}))
        return Service.of(server, self, {one["name"]: one for one in given})


def text(value: str) -> dict[str, Any]:
    """A text content block."""
    return {"type": "text", "text": value}


def weather_service() -> Service:
    """The real weather server over stdio, as its SDK knows it."""
    return Service.of_package("weather", "weather_sdk", WEATHER)


@asynccontextmanager
async def guest_process(limits: Limits | None = None) -> AsyncIterator[HostChannel]:
    """A channel to a fresh process that waits for a program and runs it: a sandbox without
    walls."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-c", GUEST, str(theirs.fileno()), SDKS]
        process = await asyncio.create_subprocess_exec(*command, pass_fds=[theirs.fileno()])
    channel = await HostChannel.of(ours, limits or Limits())
    try:
        await channel.ready()
        yield channel
    finally:
        channel.close()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def ran(
    program: str, services: Mapping[str, Service], **options: Any
) -> tuple[GuestResult, Run]:
    """Run a program in a process of its own; its global `value` comes back."""
    broker = Broker(services)
    run = Run(broker, **options)
    try:
        async with guest_process(run.limits) as channel:
            return await run.serve(channel, program), run
    finally:
        await broker.aclose()


class RawGuest:
    """A guest that writes whatever bytes it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.token = ""

    async def begun(self) -> None:
        """Wait for the program."""
        self.token = (await self.frame())["params"]["token"]

    async def frame(self) -> Any:
        """The next frame from the host."""
        return json.loads(await self.reader.readline())

    def send(self, data: bytes) -> None:
        """Write raw bytes."""
        self.writer.write(data)

    def tell(self, method: str, params: Any = None, **more: Any) -> None:
        """Write a well-formed frame."""
        frame = {"jsonrpc": "2.0", "method": method, "params": params or {}, **more}
        self.send(json.dumps(frame).encode() + b"\n")

    def call(
        self, number: int, tool: str = "read", /, *, server: str = "fake", **given: Any
    ) -> None:
        """Write a call."""
        meta = {"mcp-sdkgen/server": server, "mcp-sdkgen/token": self.token}
        self.tell("tools/call", {"name": tool, "arguments": given, "_meta": meta}, id=number)


@asynccontextmanager
async def raw_guest(run: Run) -> AsyncIterator[tuple[RawGuest, asyncio.Task[GuestResult]]]:
    """A raw guest that has been handed a program, and the task that serves it."""
    ours, theirs = socket.socketpair()
    channel = await HostChannel.of(ours, run.limits)
    guest = RawGuest(*await asyncio.open_connection(sock=theirs))
    serving = asyncio.create_task(run.serve(channel, "pass"))
    try:
        await guest.begun()
        yield guest, serving
    finally:
        serving.cancel()
        await asyncio.wait([serving])
        guest.writer.transport.abort()
        channel.close()


@contextmanager
def through_broker(
    services: Callable[[], Mapping[str, Service]], *, is_async: bool = False, **options: Any
) -> Iterator[Callable[[str], BrokerSession | AsyncBrokerSession]]:
    """Sessions by server that go through a broker on another thread: a transport like any other.

    `Weather(session("weather"))` then behaves as it does on a direct connection.
    """
    ours, theirs = socket.socketpair()
    begun: Future[None] = Future()

    async def host() -> None:
        broker = Broker(services())
        run = Run(broker, **options)
        channel = await HostChannel.of(ours, run.limits)
        try:
            begun.set_result(None)
            await run.serve(channel, "pass")
        finally:
            channel.close()
            await broker.aclose()

    thread = threading.Thread(target=asyncio.run, args=(host(),))
    thread.start()
    begun.result()
    channel = Channel(theirs)
    run = channel.runs.get()
    assert run is not None
    channel.begin(run)
    try:
        kind = AsyncBrokerSession if is_async else BrokerSession
        yield lambda server: kind(channel, server)
    finally:
        channel.notify("sandbox/result", {"status": "finished"})
        thread.join()
        theirs.close()
