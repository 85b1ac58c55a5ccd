"""Sessions that reach a server without `mcp`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mcp_sdkgen_runtime import SessionOptions
from mcp_sdkgen_runtime.session.direct_session import DirectSession
from mcp_sdkgen_runtime.session.session import BlockingSession


@contextmanager
def directly(
    server: str,
    binding: Any,
    options: SessionOptions | None = None,
    *,
    needs_mcp: bool = False,
) -> Iterator[BlockingSession]:
    """A session that a client can be bound to. `needs_mcp`: it cannot do without, in the end."""
    session = DirectSession(server, binding, options)
    blocking = BlockingSession(session)
    try:
        yield blocking
    finally:
        blocking.close()
    assert session.needs_mcp == needs_mcp
