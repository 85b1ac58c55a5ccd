"""Lists with odd cursors are read, and a call that cannot be written costs only itself."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from mcp_sdkgen_runtime import ArgumentsError, LazySession, SessionOptions
from mcp_sdkgen_runtime.session.direct_session import DirectSession

HERE = Path(__file__).parents[1]
COMMAND = [sys.executable, str(HERE / "servers" / "misbehaving_server.py")]


@pytest.mark.parametrize(
    ("kind", "argument"), [(LazySession, "half of \ud83d"), (DirectSession, object())]
)
def test_a_call_that_cannot_be_written_costs_no_connection(
    kind: type[LazySession | DirectSession], argument: object
) -> None:
    async def answers() -> list[object]:
        session = kind("odd", [*COMMAND, "0"], SessionOptions())
        try:
            before = await session.call("pid", {})
            with pytest.raises(ArgumentsError, match="cannot be written as JSON"):
                await session.call("pid", {"x": argument})
            return [before.content, (await session.call("pid", {})).content]
        finally:
            await session.aclose()

    before, after = asyncio.run(answers())
    assert before == after


@pytest.mark.parametrize("kind", [LazySession, DirectSession])
@pytest.mark.parametrize(
    ("paging", "names"),
    [
        ("an empty cursor", ["tool0", "tool1"]),
        ("an empty cursor at the end", ["tool0", "tool1"]),
        ("an empty cursor always", ["tool"]),
    ],
)
def test_an_empty_cursor_is_a_cursor_unless_it_leads_back(
    kind: type[LazySession | DirectSession], paging: str, names: list[str]
) -> None:
    async def live() -> list[str]:
        session = kind("odd", [*COMMAND, "0", "2025-06-18", paging], SessionOptions())
        try:
            return list(await session.live())
        finally:
            await session.aclose()

    assert asyncio.run(live()) == names
