"""A hundred thousand random and mutated frames: no run ends in any other way than it should."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker import broker
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.broker.channel import ChannelClosed, HostChannel
from mcp_sdkgen_codemode.broker.framing import Frame, Violation
from mcp_sdkgen_codemode.broker.guest_result import GuestResult
from mcp_sdkgen_codemode.limits import Limits

from tests.codemode.broker.guests import Fake, definition, raw_guest

FRAMES = 40_000
AT_ONCE = 400
SEED = 20260601
TOKEN = "t" * 32
LIMITS = Limits(arguments_bytes=4096, value_bytes=4096, calls=100_000)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e300, 2**53, 2**63, 10**30, "", "x", "\0", "é😀", "\u202e",
    [], {}, [[]], {"": None}, "read", "write", "tools/call", "fake", TOKEN, "../x", "QUJD",
)  # fmt: skip
RAW = (
    b"\0", b"\n", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"NaN", b"-Infinity", b"1e999",
    b"\xff", b"\xed\xa0\x80", b"\\ud800", b"9" * 50, b'"id":1,', b"[" * 120, b"\xef\xbb\xbf", b" ",
)  # fmt: skip


def well_formed(number: int, choose: random.Random) -> dict[str, Any]:
    """A frame that our own client could send."""
    meta = {"mcp-sdkgen/server": "fake", "mcp-sdkgen/token": TOKEN}
    call = {"name": choose.choice(("read", "write", "gone")), "arguments": {"n": number}}
    if choose.random() < 0.3:
        meta |= {"progressToken": number, "mcp-sdkgen/timeout_s": choose.choice((1, 0.5))}
    frames: list[dict[str, Any]] = [
        {"id": number, "method": "tools/call", "params": {**call, "_meta": meta}},
        {
            "id": number,
            "method": choose.choice(("ping", "initialize", "tools/list", "resources/list")),
        },
        {"id": number, "method": "resources/read", "params": {"uri": "a://b", "_meta": meta}},
        {"id": number, "method": "prompts/get", "params": {"name": "gone", "_meta": meta}},
        {"method": "notifications/initialized"},
        {"method": "notifications/cancelled", "params": {"requestId": number - 1}},
        {"method": "sandbox/progress", "params": {"progress": 1, "total": 2, "message": "half"}},
        {"method": "sandbox/file", "params": {"name": "a/b.txt", "data": "QUJD", "more": False}},
        {"method": "sandbox/output", "params": {"stream": "stdout", "data": "QUJD"}},
        {
            "method": "sandbox/result",
            "params": {"status": "failed", "error": {"type": "E", "line": 1}},
        },
    ]
    weights = (40, 8, 4, 4, 2, 6, 3, 3, 3, 1)
    return {"jsonrpc": "2.0", **choose.choices(frames, weights)[0]}


def changed(value: Any, choose: random.Random) -> Any:
    """`value` with one node replaced, removed or added somewhere."""
    if not isinstance(value, dict) or not value or choose.random() < 0.15:
        return choose.choice(ODD)
    key = choose.choice(list(value))
    way = choose.random()
    if way < 0.6:
        return {**value, key: changed(value[key], choose)}
    if way < 0.8:
        return {k: v for k, v in value.items() if k != key}
    return {**value, str(choose.choice(ODD)): choose.choice(ODD)}


def mangled(data: bytes, choose: random.Random) -> bytes:
    """`data` with a few bytes flipped, inserted, removed or repeated."""
    found = bytearray(data)
    for _ in range(choose.randint(1, 3)):
        at = choose.randrange(len(found) + 1)
        way = choose.random()
        if way < 0.4:
            found[at:at] = choose.choice(RAW)
        elif way < 0.6:
            del found[at : at + choose.randint(1, 20)]
        elif way < 0.8 and at < len(found):
            found[at] ^= 1 << choose.randrange(8)
        else:
            found[at:at] = found[at : at + 30]
    return bytes(found)


def frames(count: int) -> Iterator[bytes]:
    choose = random.Random(SEED)
    for number in range(1, count + 1):
        frame = well_formed(number, choose)
        way = choose.random()
        if way < 0.05:
            yield choose.randbytes(choose.randint(0, 60)).replace(b"\n", b"")
            continue
        if way < 0.3:
            frame = changed(frame, choose)
        data = json.dumps(frame, ensure_ascii=choose.random() < 0.5).encode("utf-8", "replace")
        yield mangled(data, choose) if 0.3 <= way < 0.5 else data


class Sink:
    """Takes what the broker writes."""

    transport: Any

    def __init__(self) -> None:
        self.transport = self
        self.written = 0

    def write(self, data: bytes) -> None:
        for line in data.splitlines():
            json.loads(line)
        self.written += len(data)

    def get_write_buffer_size(self) -> int:
        return 0

    async def drain(self) -> None:
        pass


class Counting(HostChannel):
    """Counts the bytes of the frames that were taken in."""

    taken = 0

    async def frame(self) -> Frame:
        await asyncio.sleep(0)  # a socket would let calls begin, too
        line = await self._reader.readline()
        self.taken += len(line)
        self._ready.extend(self._lines.feed(line))
        return await super().frame()


async def served(run: Run, data: bytes) -> tuple[str, int]:
    """How a run ends that is sent `data`, and how much of it was taken in."""
    reader = asyncio.StreamReader(limit=1 << 20)
    reader.feed_data(data)
    reader.feed_eof()
    channel = Counting(reader, Sink(), run.limits)  # type: ignore[arg-type]
    try:
        result = await run.serve(channel, "pass")
        assert isinstance(result, GuestResult)
        return "result", channel.taken
    except (Violation, ChannelClosed) as error:
        assert str(error).isprintable()
        return type(error).__name__, channel.taken


async def answer(tool: str, arguments: dict[str, Any]) -> str:
    """At once or a little later, when the program may have cancelled or ended."""
    for _ in range(int(arguments["n"]) % 4):
        await asyncio.sleep(0)
    return "done"


async def bystander(services: Broker) -> None:
    run = Run(services)
    async with raw_guest(run) as (guest, _):
        guest.call(1, n=1)
        assert "result" in await guest.frame()


def test_random_and_mutated_frames_end_a_run_in_the_known_ways_and_nobody_elses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broker.secrets, "token_urlsafe", lambda size: TOKEN)
    fake = Fake(answer)
    number = {"type": "integer", "maximum": 2**53}
    service = fake.service(
        definition("read", properties={"n": number}, required=["n"], additionalProperties=False),
        definition("write", {}),
    )
    services = Broker({"fake": service})
    ends: Counter[str] = Counter()
    statuses: Counter[str] = Counter()

    async def main() -> None:
        pending = list(frames(FRAMES))
        for start in range(0, FRAMES, AT_ONCE):
            data = b"".join(line + b"\n" for line in pending[start : start + AT_ONCE])
            while data:
                run = Run(services, limits=LIMITS)
                end, taken = await served(run, data)
                ends[end] += 1
                statuses.update(call.status for call in run.calls)
                data = data[taken:]
            await bystander(services)

    asyncio.run(main())
    assert min(ends[kind] for kind in ("result", "Violation", "ChannelClosed")) > 40
    assert min(statuses[kind] for kind in ("ok", "refused", "invalid", "failed")) > 100
    assert {tool for tool, _ in fake.asked} == {"read"}
    assert all(set(given) == {"n"} for _, given in fake.asked)
