"""A host of its own whose starts of sandboxes are cancelled, and what that leaves: other tests may
have sandboxes in this process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from mcp_sdkgen_codemode.sandbox import Engine, Sandbox, choose

from tests.codemode.sandbox import sandboxes


async def ended(start: asyncio.Task[Sandbox]) -> bool:
    """Whether a start was cancelled. A sandbox that there is nevertheless is closed."""
    try:
        sandbox = await start
    except asyncio.CancelledError:
        return True
    sandbox.close()
    await sandbox.wait()
    return False


async def cancelled(engine: Engine) -> int:
    """How many starts of five were cancelled. Each got further than the one before: turns of the
    loop are counted, since how long they take depends on the machine."""
    number = 0
    for turns in (1, 3, 10, 100, 1000):
        start = asyncio.create_task(engine.start(sandboxes.spec()))
        for _ in range(turns):
            await asyncio.sleep(0)
        start.cancel()
        number += await ended(start)
    return number


def left() -> tuple[str, int]:
    """The children of this process's threads, and how many files are open."""
    tasks = Path("/proc/self/task").iterdir()
    children = " ".join((task / "children").read_text().strip() for task in tasks).strip()
    return children, len(list(Path("/proc/self/fd").iterdir()))


async def main() -> None:
    engine = await choose("bubblewrap")
    await ended(asyncio.create_task(engine.start(sandboxes.spec())))
    before = left()
    number = await cancelled(engine)
    print(json.dumps({"cancelled": number, "before": before, "after": left()}))


asyncio.run(main())
