"""The broker: the strict dispatcher between a sandbox and the servers it may use.

A guest says which tool, and with what arguments. Everything else is decided here: it can forge its
own result, and never authority. Sampling, elicitation and roots end at the host's sessions.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from mcp_sdkgen_runtime import __version__
from mcp_sdkgen_runtime.text import printable, shortened, shortened_text

from ..events import CallEnded, CallStarted, OnEvent, Progress
from ..limits import Limits
from ..outcome import Call
from ..policy.approval import Approvals, Suspended
from ..policy.policy import Policy
from ..policy.rate_limit import Meter
from ..policy.services import Service
from ..program_input import ProgramInput
from .call import METHODS, CallPipeline, CallRequest, PendingCall
from .channel import HostChannel
from .clock import Clock
from .framing import Frame, Violation
from .guest_result import GuestResult, Returned
from .journal import Journal
from .payloads import payload
from .replies import METHOD_NOT_FOUND, Reply, error_body, program_ended

OnOutput = Callable[[str, bytes], None]

_PROTOCOL: Final = "2025-11-25"
_MAX_WAITING: Final = 256
_MAX_WAITING_BYTES: Final = 4 << 20
_OUTPUT_FACTOR: Final = 16
_STDIN_BYTES: Final = 64 << 10


class OutOfTime(Exception):
    """The run took longer than it may."""


class Broker:
    """The servers that programs may use, by key. Shared by any number of runs of one event loop.

    `clock` gives the seconds that rates of calls go by.
    """

    def __init__(
        self, services: Mapping[str, Service], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.services = services
        self.meter = Meter(clock)

    async def aclose(self) -> None:
        """Close the sessions of all servers that can be closed."""
        for service in self.services.values():
            if (close := getattr(service.session, "aclose", None)) is not None:
                await close()


class Run:
    """One program's dealings with the broker, from dispatch to its result.

    `calls` holds every call that has ended so far, in that order, at any time. `on_output` gets
    output of a sandbox that has no pipes for it. With `payloads`, calls keep arguments and results.
    `given` is what the program is started with. `asked_s` are the seconds that a person took.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        limits: Limits | None = None,
        policy: Policy | None = None,
        approvals: Approvals | None = None,
        journal: Journal | None = None,
        on_event: OnEvent | None = None,
        on_output: OnOutput | None = None,
        payloads: bool = False,
        given: ProgramInput | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.calls: list[Call] = []
        self._broker = broker
        self._tell: OnEvent = on_event or (lambda event: None)
        self._on_output = on_output or (lambda stream, data: None)
        self._payloads = payloads
        self._given = given or ProgramInput()
        self._read_stdin = self._given.reader()
        self._reading = False
        self._journal = journal
        self._approvals = approvals or Approvals()
        self._caller = CallPipeline(
            broker.services, self.limits, policy or Policy(), self._approvals, journal, broker.meter
        )
        self.asked_s = 0.0
        self._returned = Returned(self.limits, self._given.files)
        self._output_bytes = 0
        self._count = 0
        self._tasks: dict[int, tuple[asyncio.Task[None], PendingCall]] = {}
        self._held_bytes = 0
        self._freed = asyncio.Event()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of its outcome should know of the servers it used, and of files that it
        replaced."""
        replaced = (
            f"{shortened(name)} is not returned: it has the name of an input file, and input files "
            "stay as they are; write to a file of another name"
            for name in sorted(self._returned.replaced)
        )
        return (*self._caller.notes, *replaced)

    async def serve(
        self, channel: HostChannel, program: str, *, filename: str = "<program>", keep: bool = False
    ) -> GuestResult:
        """Hand `program` to a sandbox that is ready, and answer it until its result.

        With `keep`, the sandbox stays and waits for the next program. Raises `Violation` when the
        sandbox broke the protocol or a limit, `OutOfTime`, `ChannelClosed` when it ended without a
        result, `Suspended` when a call waits for a person who is not there, `Diverged` when it does
        not repeat the run of its journal, `JournalError`. Then the sandbox must be killed. No call
        is under way afterwards, however this ends.
        """
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._begun_s = self._loop.time()
        channel.begin(
            secrets.token_urlsafe(24),
            {
                "program": program,
                "limits": self.limits.as_json(),
                "filename": filename,
                "keep": keep,
                **self._given.order(),
            },
        )
        clock = Clock(self.limits.time_s)
        self._approvals.asking = clock.ask
        self._caller.starting = clock.start
        try:
            async with clock.timeout, asyncio.TaskGroup() as group:
                try:
                    await self._send_files()
                    return await self._listen(group)
                finally:
                    for task, _ in self._tasks.values():
                        task.cancel()
        except TimeoutError:
            if not clock.timeout.expired():
                raise
            raise OutOfTime(f"it took longer than {self.limits.time_s:g} s") from None
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None
        finally:
            self.asked_s = clock.asked_s

    async def _send_files(self) -> None:
        for data in self._given.chunks():
            text = base64.b64encode(data).decode()
            self._channel.notify("sandbox/input", {"data": text})
            await self._channel.drained()

    async def _listen(self, group: asyncio.TaskGroup) -> GuestResult:
        while True:
            # Nothing more is read while too much waits: the sandbox waits then, and not our memory.
            while len(self._tasks) > _MAX_WAITING or self._held_bytes > _MAX_WAITING_BYTES:
                self._freed.clear()
                await self._freed.wait()
            frame = await self._channel.frame()
            if frame.id is not None:
                self._request(frame, group)
            elif frame.method == "sandbox/result":
                result = self._returned.result(frame.params)
                if self._journal is not None and self._journal.behind:
                    raise self._journal.diverged("has ended")
                return result
            else:
                self._notified(frame)

    def _request(self, frame: Frame, group: asyncio.TaskGroup) -> None:
        number: Any = frame.id
        if frame.method in METHODS:
            self._call(number, frame, group)
        elif frame.method == "sandbox/stdin":
            if self._reading:
                raise Violation("the sandbox reads standard input twice at once")
            self._reading = True
            most = max(1, min(int(_number(frame.params, "most") or 0), _STDIN_BYTES))
            group.create_task(self._stdin(number, most))
        elif frame.method == "ping":
            self._channel.reply(number, "result", b"{}")
        elif frame.method == "initialize":
            self._channel.reply(number, "result", _GREETING)
        elif frame.method == "tools/list":
            tools = [
                {**tool.definition, "_meta": {"mcp-sdkgen/server": key}}
                for key, service in self._broker.services.items()
                for tool in service.tools.values()
            ]
            self._channel.reply(number, "result", json.dumps({"tools": tools}).encode())
        else:
            message = f"no method {shortened(frame.method)}"
            self._channel.reply(number, "error", error_body(METHOD_NOT_FOUND, message))

    async def _stdin(self, number: int, most: int) -> None:
        try:
            data = await self._read_stdin(most)
        except OSError as error:
            body = error_body(-32000, f"standard input cannot be read: {error.strerror or error}")
            self._channel.reply(number, "error", body)
        else:
            text = base64.b64encode(data).decode()
            self._channel.reply(number, "result", json.dumps({"data": text}).encode())
        self._reading = False
        await self._channel.drained()

    def _notified(self, frame: Frame) -> None:
        params = frame.params
        if frame.method == "notifications/cancelled":
            number = params.get("requestId")
            if type(number) is int and number in self._tasks:
                task, pending = self._tasks[number]
                pending.withdrawn = True
                task.cancel()
        elif frame.method == "sandbox/progress":
            progress, total = _number(params, "progress"), _number(params, "total", None)
            message = shortened_text(printable(_text(params, "message", "")))
            self._tell(Progress(0, progress or 0.0, total, message))
        elif frame.method == "sandbox/file":
            self._returned.add_file(_text(params, "name"), _data(params))
        elif frame.method == "sandbox/output":
            self._output(_text(params, "stream"), _data(params))
        elif frame.method != "notifications/initialized":
            raise Violation(f"the sandbox sent {shortened(frame.method)}, which only the host may")

    def _call(self, number: int, frame: Frame, group: asyncio.TaskGroup) -> None:
        request = CallRequest.of(frame)
        if frame.size > self.limits.arguments_bytes:
            raise Violation(f"a call is longer than {self.limits.arguments_bytes} bytes", "limit")
        if request.token in self._channel.spent_tokens:
            self._channel.reply(number, "error", program_ended().reply().body)
            return
        if not secrets.compare_digest(request.token.encode(), self._channel.token.encode()):
            raise Violation("a call has another run's token")
        self._count += 1
        if self._count > self.limits.calls:
            raise Violation(f"quota: more than {self.limits.calls} calls", "limit")
        started = partial(self._tell, CallStarted(self._count, *_names(request)))
        report = partial(self._progress, self._count, request.progress)
        pending = self._caller.pending(request, started, report)
        task = group.create_task(self._answer(number, self._count, pending, frame.size))
        self._tasks[number] = task, pending
        self._held_bytes += frame.size
        task.add_done_callback(partial(self._ended, number, self._count, frame.size))

    def _ended(self, wire_id: int, number: int, size: int, _: asyncio.Task[None]) -> None:
        _, pending = self._tasks.pop(wire_id)
        if not pending.begun:  # cancelled faster than a task starts
            self._record(number, pending, _CANCELLED, self._loop.time(), size)
        self._held_bytes -= size
        self._freed.set()

    async def _answer(self, wire_id: int, number: int, pending: PendingCall, size: int) -> None:
        pending.begun = True
        begun_s = self._loop.time()
        reply = _CANCELLED
        try:
            reply = await self._caller.answer(pending)
            self._channel.reply(wire_id, reply.kind, reply.body)
        except Suspended:
            reply = _SUSPENDED
            # What was sent is not to be left in doubt, where it can be answered in its time.
            if under_way := [task for task, other in self._tasks.values() if other.sent]:
                await asyncio.wait(under_way)
            raise
        finally:
            self._record(number, pending, reply, begun_s, size)
        # Whoever does not read gets no further answers: this call keeps its place until then.
        await self._channel.drained()

    def _record(
        self, number: int, pending: PendingCall, reply: Reply, begun_s: float, size: int
    ) -> None:
        request = pending.request
        begun_s += pending.asked_s  # a person's time, not the call's
        shown: dict[str, Any] = {}
        truncated = []
        if self._payloads:
            sent = json.dumps(request.arguments, ensure_ascii=False)
            for name, text in (("arguments", sent), ("result", reply.body.decode())):
                shown[name], is_cut = payload(text) if text else (None, False)
                truncated += [name] if is_cut else []
        call = Call(
            *_names(request), reply.status, begun_s - self._begun_s, self._loop.time() - begun_s,
            size, len(reply.body), printable(reply.message), detail=reply.detail,
            truncated=tuple(truncated), **shown,
        )  # fmt: skip
        self.calls.append(call)
        self._tell(CallEnded(number, call))

    def _progress(
        self,
        number: int,
        token: int | None,
        progress: float,
        total: float | None,
        message: str | None,
    ) -> None:
        text = shortened_text(printable(message or ""))
        self._tell(Progress(number, progress, total, text))
        # Progress is news: what a slow reader misses of it is no loss.
        if token is not None and not self._channel.congested:
            params = {"progressToken": token, "progress": progress, "total": total, "message": text}
            self._channel.notify("notifications/progress", params)

    def _output(self, stream: str, data: bytes) -> None:
        if stream not in ("stdout", "stderr"):
            raise Violation("output of a stream that is neither stdout nor stderr")
        self._output_bytes += len(data)
        if self._output_bytes > _OUTPUT_FACTOR * self.limits.output_bytes:
            raise Violation(
                f"the output exceeds {_OUTPUT_FACTOR * self.limits.output_bytes} bytes", "limit"
            )
        self._on_output(stream, data)


_GREETING: Final = json.dumps(
    {
        "protocolVersion": _PROTOCOL,
        "capabilities": {"tools": {}, "prompts": {}, "resources": {}},
        "serverInfo": {"name": "mcp-sdkgen-broker", "version": __version__},
    }
).encode()


_CANCELLED: Final = Reply("failed", "error", b"", "it was cancelled before an answer came")
_SUSPENDED: Final = Reply("suspended", "error", b"")


def _names(request: CallRequest) -> tuple[str, str]:
    return printable(shortened_text(request.server, 200)), printable(
        shortened_text(request.label, 200)
    )


def _text(params: Mapping[str, Any], key: str, default: str | None = None) -> str:
    found = params.get(key, default)
    if not isinstance(found, str):
        raise Violation(f"a notification has no text {key!r}")
    return found


def _number(params: Mapping[str, Any], key: str, *default: None) -> float | None:
    found = params.get(key, *default)
    if found is None and default:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > 1e18:
        raise Violation(f"a notification has no number {key!r}")
    return float(found)


def _data(params: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(_text(params, "data"), validate=True)
    except (binascii.Error, ValueError):
        raise Violation("a notification has data that are not base64") from None
