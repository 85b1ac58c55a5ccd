"""Servers that know less of the protocol: whatever can be built can be called, and at what cost.

`servers/picky_server.py` and `picky_web.py` have the servers, each of a kind.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp_sdkgen import build
from mcp_sdkgen.errors import SourceError
from mcp_sdkgen.source import resolve, take_sync
from mcp_sdkgen_runtime import Client, SessionError, SessionOptions
from mcp_sdkgen_runtime.config.binding import resolve as resolved
from mcp_sdkgen_runtime.config.targets import HttpTarget
from mcp_sdkgen_runtime.session.direct_session import DirectSession
from mcp_sdkgen_runtime.session.mcp_session import McpSession

from tests.runtime.transport.picky_web import picky_web

SERVER = Path(__file__).parent / "servers" / "picky_server.py"

OPEN = ["initialize", "notifications/initialized"]
STDIO: dict[str, tuple[list[str], list[str]]] = {
    "old": (["start", "server/discover", *OPEN], ["start", *OPEN]),
    "newest": (["start", "server/discover"], ["start", "server/discover"]),
    "newest_dies_of_initialize": (["start", "server/discover"], ["start", "server/discover"]),
    "initialize_first": (["start", "server/discover", "start", *OPEN], ["start", *OPEN]),
    "initialize_first_banner": (["start", "server/discover", "start", *OPEN], ["start", *OPEN]),
    "closes_its_output": (["start", "server/discover", "start", *OPEN], ["start", *OPEN]),
    "no_handshake": (["start", "server/discover", "initialize", "start"], ["start"]),
    "silent": (["start", "server/discover", *OPEN], ["start", *OPEN]),
}
"""For each kind: what it is asked until it is connected, the first time and ever after."""

WEB: dict[str, tuple[list[str], list[str]]] = {
    "old": (["server/discover", *OPEN], OPEN),
    "newest": (["server/discover"], ["server/discover"]),
    "no_handshake": (["server/discover", "initialize"], []),
    **{
        kind: (["server/discover", *OPEN], OPEN)
        for kind in ("status_400", "status_404", "status_405", "status_500", "hangs_up")
    },
    **{
        kind: (["server/discover", "initialize", "GET", *OPEN], ["GET", *OPEN])
        for kind in ("sse_400", "sse_404", "sse_405", "sse_501")
    },
}

Served = tuple[str | list[str], Callable[[], list[str]]]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Served]]:
    """Serves a place such as `http-newest`: its binding, and what it was asked since last time."""
    # A server that passes over what it does not know is not waited for as long as users do.
    monkeypatch.setattr("mcp.client.session.DISCOVER_TIMEOUT_SECONDS", 1.0)
    with ExitStack() as stack:

        def serve(place: str) -> Served:
            transport, _, kind = place.partition("-")
            if transport == "http":
                web = stack.enter_context(picky_web(kind))
                return web.url, lambda: _emptied(web.asked)
            log = tmp_path / "asked.txt"

            def asked() -> list[str]:
                lines = log.read_text().split()
                log.write_text("")
                return lines

            return [sys.executable, str(SERVER), kind, str(log)], asked

        yield serve


def _emptied(asked: list[str]) -> list[str]:
    found = list(asked)
    asked.clear()
    return found


def built(place: str, binding: str | list[str], folder: Path) -> Any:
    """The module of the SDK that is built from a server."""
    entry = (
        {"url": binding}
        if isinstance(binding, str)
        else {"command": binding[0], "args": binding[1:]}
    )
    name = place.replace("-", "_")
    config = folder / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {name: entry}}))
    report = build([config], out=folder / "out", run_check=False, make_wheels=False)
    assert report.exit_code == 0, report.servers[0].error
    sys.path.insert(0, str(folder / "out" / name.replace("_", "-")))
    return import_module(f"{name}_sdk")


PLACES = {f"{where}-{kind}": costs for where, kinds in (("stdio", STDIO), ("http", WEB))
          for kind, costs in kinds.items()}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_what_is_built_can_be_called(
    place: str, served: Callable[[str], Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    opening, _ = PLACES[place]
    binding, asked = served(place)
    module = built(place, binding, tmp_path)
    assert asked() == [*opening, "tools/list"]
    client = getattr(module, place.replace("-", "_").title().replace("_", ""))
    with client(binding) as picky:
        assert picky.greet(name="Ada").text == "Hello Ada"
        assert picky.greet(name="Bob").text == "Hello Bob"
    assert asked() == [*opening, "tools/call", "tools/call"]


@pytest.mark.parametrize("place", PLACES)
def test_a_session_looks_for_the_way_once(place: str, served: Callable[[str], Served]) -> None:
    opening, reopening = PLACES[place]
    binding, asked = served(place)

    async def run() -> None:
        session = McpSession("picky", resolved("picky", binding), SessionOptions())
        for way in (opening, reopening, reopening):
            await session.call("greet", {"name": "Ada"})
            await session.aclose()
            assert asked() == [*way, "tools/call"]

    anyio.run(run)


NEED_MCP = {
    "stdio-initialize_first", "stdio-initialize_first_banner", "stdio-closes_its_output",
    "stdio-no_handshake", "http-no_handshake", "http-hangs_up",
    *(f"http-{kind}" for kind in WEB if kind.startswith("sse")),
}  # fmt: skip
"""Places that are not reached by the first way, nor by a handshake on the same connection."""


@pytest.mark.parametrize("place", PLACES)
def test_a_direct_session_leaves_to_mcp_what_it_does_not_know_and_calls_once(
    place: str, served: Callable[[str], Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_sdkgen_runtime.transport.wire.client._DISCOVER_S", 1.0)
    binding, asked = served(place)

    async def run() -> None:
        session = DirectSession("picky", binding)
        assert list(await session.live()) == ["greet"]
        assert (await session.call("greet", {"name": "Ada"})).text == "Hello Ada"
        await session.aclose()
        assert session.needs_mcp == (place in NEED_MCP)

    anyio.run(run)
    assert asked().count("tools/call") == 1


def test_a_server_that_was_replaced_by_a_newer_one_is_found_again() -> None:
    with picky_web("old") as web:

        async def call(session: McpSession) -> list[str]:
            await session.call("greet", {})
            return _emptied(web.asked)

        async def run() -> None:
            session = McpSession("picky", HttpTarget(web.url), SessionOptions())
            assert await call(session) == ["server/discover", *OPEN, "tools/call"]
            await session.aclose()
            web.kind = "newest"
            assert await call(session) == ["initialize", "server/discover", "tools/call"]
            await session.aclose()
            assert await call(session) == ["server/discover", "tools/call"]
            await session.aclose()

        anyio.run(run)


def test_a_server_that_is_gone_is_not_looked_for_in_other_ways() -> None:
    async def run(url: str, gone: Callable[[], None]) -> None:
        session = McpSession("picky", HttpTarget(url), SessionOptions())
        await session.connect()
        await session.aclose()
        gone()
        with pytest.raises(SessionError, match="could not connect"):
            await session.connect()

    with ExitStack() as stack:
        web = stack.enter_context(picky_web("old"))
        anyio.run(run, web.url, stack.close)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["sh", "-c", "echo lacks a key >&2; exit 3"], "exited with code 3 before answering"),
        (["echo", "hello"], "not an MCP server: exited with code 0; on stdout it wrote 'hello'"),
        (["no-such-command"], "command not found: 'no-such-command'"),
    ],
)
def test_building_and_calling_give_the_same_reason(command: list[str], words: str) -> None:
    with pytest.raises(SourceError) as not_built:
        take_sync(resolve([], name="srv", command=command).sources[0])
    with pytest.raises(SessionError) as not_called, Client(command) as client:
        client.connect()
    assert words in str(not_built.value)
    assert words in str(not_called.value)
    assert not_called.value.stderr == not_built.value.detail
