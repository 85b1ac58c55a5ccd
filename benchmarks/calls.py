"""Calls: a generated SDK's typed method against `mcp.Client.call_tool` on the same server.

    python -m benchmarks.calls [--calls N] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import mcp
from anyio.from_thread import start_blocking_portal
from mcp.client.stdio import StdioServerParameters, stdio_client

from benchmarks.measuring import ROOT, Json, show, write_json

SERVERS = ROOT / "examples" / "servers"
SCRIPT = SERVERS / "weather.py"
sys.path[:0] = [str(ROOT / "generated" / "weather"), str(SERVERS)]

TOOL, CITY, DAYS = "get_forecast", "Oslo", 3
CALLERS = (1, 8, 64)
TRANSPORTS = ("in-process", "stdio")
WARM_UP, ROUNDS = 50, 3

Call = Callable[[], Awaitable[object]]
Open = Callable[[], AbstractAsyncContextManager[Call]]


def binding(transport: str) -> Any:
    """Where the server is, as an SDK is told."""
    return (
        [sys.executable, str(SCRIPT)] if transport == "stdio" else import_module("weather").server
    )


@asynccontextmanager
async def ours(transport: str) -> Any:
    """A connected SDK; gives its call."""
    async with import_module("weather_sdk").AsyncWeather(binding(transport)) as client:
        yield partial(client.get_forecast, city=CITY, days=DAYS)


@asynccontextmanager
async def raw(transport: str) -> Any:
    """A connected `mcp.Client` of the same server; gives its call."""
    if transport == "stdio":
        parameters = StdioServerParameters(command=sys.executable, args=[str(SCRIPT)])
        server: Any = stdio_client(parameters)
    else:
        server = binding(transport)
    async with mcp.Client(server) as client:
        yield partial(client.call_tool, TOOL, {"city": CITY, "days": DAYS})


async def one_async_call(transport: str, calls: int) -> tuple[float, float]:
    """Milliseconds of a call at p50, ours and raw, which take turns."""
    async with ours(transport) as our_call, raw(transport) as raw_call:
        both: tuple[Call, Call] = (our_call, raw_call)
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(WARM_UP + calls):
            for call, times in zip(both, taken, strict=True):
                start = time.perf_counter()
                await call()
                times.append(time.perf_counter() - start)
    return _p50_ms(taken[0]), _p50_ms(taken[1])


def one_blocking_call(transport: str, calls: int) -> tuple[float, float]:
    """The same for blocking callers; raw is called through a blocking portal of anyio's."""
    weather = import_module("weather_sdk").Weather
    with (
        weather(binding(transport)) as client,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(raw(transport)) as raw_call,
    ):
        both: tuple[Callable[[], object], ...] = (
            partial(client.get_forecast, city=CITY, days=DAYS),
            partial(portal.call, raw_call),
        )
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(WARM_UP + calls):
            for call, times in zip(both, taken, strict=True):
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
    return _p50_ms(taken[0]), _p50_ms(taken[1])


async def connecting(transport: str, runs: int) -> tuple[float, float]:
    """Milliseconds from nothing to a connected session at p50, ours and raw, which take turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(1 + runs):
        for manager, times in zip((ours, raw), taken, strict=True):
            start = time.perf_counter()
            async with manager(transport):
                times.append(time.perf_counter() - start)
    return median(taken[0][1:]) * 1e3, median(taken[1][1:]) * 1e3


async def rate(transport: str, callers: int, calls: int) -> tuple[float, float]:
    """Calls per second with so many callers at once on one session, ours and raw in turns."""
    async with ours(transport) as our_call, raw(transport) as raw_call:
        rates: list[tuple[float, float]] = []
        for _ in range(1 + ROUNDS):
            pair = [await _calls_per_s(call, callers, calls) for call in (our_call, raw_call)]
            rates.append((pair[0], pair[1]))
    return median(ours for ours, _ in rates[1:]), median(raw for _, raw in rates[1:])


async def _calls_per_s(call: Call, callers: int, calls: int) -> float:
    async def caller() -> None:
        for _ in range(calls // callers):
            await call()

    start = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return calls // callers * callers / (time.perf_counter() - start)


def _p50_ms(times: list[float]) -> float:
    return median(times[WARM_UP:]) * 1e3


def measure(calls: int, connects: int) -> Json:
    """Every figure, ours and raw, and the ratio of the two."""
    facts: Json = {}
    for transport in TRANSPORTS:
        one: Json = {
            "async call, p50 ms": asyncio.run(one_async_call(transport, calls)),
            "blocking call, p50 ms": one_blocking_call(transport, calls),
            "connecting, p50 ms": asyncio.run(connecting(transport, connects)),
        }
        for callers in CALLERS:
            what = f"calls/s, {callers} at once"
            one[what] = asyncio.run(rate(transport, callers, calls))
        facts[transport] = {
            what: {"ours": mine, "raw": theirs, "ours_over_raw": mine / theirs}
            for what, (mine, theirs) in one.items()
        }
    return facts


def main() -> None:
    """Measure, print a table for each transport, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=320, help="calls per figure")
    parser.add_argument("--connects", type=int, default=7, help="connections per figure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()

    facts = measure(given.calls, given.connects)
    for transport, figures in facts.items():
        show(
            f"A typed method against mcp.Client.call_tool, {transport}",
            ("what", "SDK", "raw", "SDK / raw"),
            [(what, f["ours"], f["raw"], f["ours_over_raw"]) for what, f in figures.items()],
        )
    write_json(given.json, facts)


if __name__ == "__main__":
    main()
