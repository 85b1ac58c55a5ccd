"""A host that starts a sandbox with a program that never ends, says who is in it, and waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mcp_sdkgen_codemode.sandbox import choose
from mcp_sdkgen_codemode.sandbox.engines.bubblewrap import BubblewrapSandbox
from mcp_sdkgen_codemode.sandbox.self_test import ProbeClient

from tests.codemode.sandbox import sandboxes


def first_child(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]


async def main() -> None:
    sandbox = await (await choose("bubblewrap")).start(sandboxes.spec())
    assert isinstance(sandbox, BubblewrapSandbox)
    talk = ProbeClient(sandbox)
    await talk.until("sandbox/ready")
    await talk.run("import time\nprint('up')\ntime.sleep(3600)", keep=False)
    print(first_child(sandbox.pid), sandbox.pid, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
