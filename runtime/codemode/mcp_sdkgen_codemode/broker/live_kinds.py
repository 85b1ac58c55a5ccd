"""What a live server says of its tools now, as far as it is worse than what their SDK knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mcp_sdkgen_runtime import SessionError
from mcp_sdkgen_runtime.text import shortened

from ..policy.patterns import kinds_of
from ..policy.services import PinnedTool, Service
from .replies import refusal_of


async def changed_kind(
    service: Service, tool: PinnedTool, connect: Callable[[Service], Awaitable[None]]
) -> str | None:
    """Learn what the live server says of a tool, which counts from now on where it is worse.

    `connect` is what connects to a server that is not connected yet.

    The change in words for the reader of a run, or None when there is none. Of a server that lists
    nothing, the SDK's word holds. Raises `Refusal` when the server cannot be reached.
    """
    live = getattr(service.session, "live", None)
    if live is None or tool.offered != "tool":
        return None
    try:
        await connect(service)
        definitions = await live()
    except SessionError as error:
        if error.code is None:
            raise refusal_of(error) from error
        return None
    except Exception as error:
        raise refusal_of(error) from error
    if tool.name not in definitions or not tool.hear(definitions[tool.name]):
        return None
    kinds = kinds_of(tool)
    does = "may destroy" if "destructive" in kinds else "writes"
    if "read-only" in kinds:
        does = "does more than its SDK says"
    name = shortened(f"{tool.server}/{tool.name}")
    return f"{name}: its server now says that it {does}; build its SDK again"
