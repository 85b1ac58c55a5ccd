"""A client that greets a server, lists its tools and calls them, without `mcp`.

It can do no more, and declares no capabilities: it answers no questions, follows no tasks, no
resources and no redirects. Where those are needed, it raises `NeedsMcp` before anything has
had an effect.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from itertools import count
from typing import Any, Final, Protocol

import anyio

from ..._version import __version__
from ...config.targets import HttpTarget, StdioTarget
from ...options import ProgressCallback
from ..connection_state import CLIENT_NAME, ConnectionState
from .envelope import INVALID_REQUEST, METHOD_NOT_FOUND, Message, RequestId, too_many
from .messages import Lost, NeedsMcp, Refused, Spoilt, result_of
from .notifications import mend_notification
from .results import check_final, not_supported
from .stdio import stdio_wire
from .versions import HANDSHAKE, MODERN

_DISCOVER_S: Final = 10.0
"""As long as `mcp` waits: some older servers leave unanswered what they do not know."""
_CANCEL_S: Final = 1.0
_TASKS: Final = "io.modelcontextprotocol/tasks"
_HEADER_MISMATCH: Final = -32020
_MISSING_CAPABILITY: Final = -32021
_UNSUPPORTED_VERSION: Final = -32022
_CACHE_SCOPES: Final = ("public", "private")
_META: Final = "io.modelcontextprotocol/"
_INFO: Final = {"name": CLIENT_NAME, "version": __version__}


class Wire(Protocol):
    """How requests come to a server, and answers from it."""

    hear: Callable[[Message], Awaitable[None]]
    version: str

    @property
    def needs_headers(self) -> bool:
        """Whether what is called must also be told in headers."""
        ...

    @property
    def tells_cancelling(self) -> bool:
        """Whether a request is cancelled by a message."""
        ...

    async def ask(self, request: Message) -> Message:
        """The answer to a request. Raises `Lost`, `Refused`, `Spoilt`, `NeedsMcp`."""
        ...

    async def tell(self, message: Message) -> None:
        """Send a message that nobody answers. Raises `Lost`."""
        ...


@asynccontextmanager
async def wire_client(
    target: StdioTarget | HttpTarget, link: ConnectionState
) -> AsyncIterator[WireClient]:
    """A client that has greeted its server.

    Raises `NeedsMcp`, `Lost`, `Refused`, `Spoilt` and `OSError`, maybe in groups of errors.
    """
    opening: AbstractAsyncContextManager[Wire]
    if isinstance(target, StdioTarget):
        opening = stdio_wire(target, link)
    else:
        from .http import http_wire  # a tenth of a second

        opening = http_wire(target, link)
    async with opening as wire:
        client = WireClient(wire, link)
        await client.greet()
        link.opened()
        yield client


class WireClient:
    """An open conversation with a server."""

    def __init__(self, wire: Wire, link: ConnectionState) -> None:
        self._wire = wire
        self._link = link
        self._numbers = count(1)
        self._progress: dict[RequestId, ProgressCallback] = {}
        self._tells_when_asked = False
        wire.hear = self._hear

    async def greet(self) -> None:
        """Ask which versions the server speaks, and shake hands with one that is older."""
        self._wire.version = MODERN[-1]
        if not await self._discovered():
            self._wire.version = ""
            await self._shake_hands()

    async def tools(self, cursor: str | None) -> dict[str, Any]:
        """A page of the list of tools, as it was sent. Raises `NeedsMcp` and `Lost`."""
        try:
            page = await self._request("tools/list", {} if cursor is None else {"cursor": cursor})
        except (Refused, Spoilt) as error:
            raise NeedsMcp from error
        tools = page.get("tools")
        if not isinstance(tools, list) or not self._is_listed_well(page):
            raise NeedsMcp
        if any(not _is_definition(tool) or self._needs_headers(tool) for tool in tools):
            raise NeedsMcp
        return page

    async def call(
        self, tool: str, arguments: dict[str, Any], on_progress: ProgressCallback | None
    ) -> Message:
        """The result of a call, as it was sent. Raises `NeedsMcp` (the tool did not run),
        `Refused`, `Lost` and `Spoilt`."""
        if self._needs_headers({"name": tool}):
            raise NeedsMcp
        params = {"name": tool, "arguments": arguments}
        try:
            result = await self._request("tools/call", params, on_progress)
        except Refused as refused:
            if refused.code in (_HEADER_MISMATCH, _MISSING_CAPABILITY):
                raise NeedsMcp from None
            raise
        check_final(result, self._wire.version)
        return result

    async def hear_of_tools(self) -> None:
        """Let the server tell when its tools change, where it has to be asked to. Ends with it."""
        if self._tells_when_asked:
            # A stream that was refused or that broke off is missed no more than one that nobody
            # offers.
            with suppress(NeedsMcp, Refused, Lost, Spoilt):
                await self._request(
                    "subscriptions/listen", {"notifications": {"toolsListChanged": True}}
                )

    async def _discovered(self) -> bool:
        result: dict[str, Any] = {}
        try:
            with anyio.move_on_after(_DISCOVER_S):
                result = await self._request("server/discover", {})
        except Refused as refused:
            if refused.code == _UNSUPPORTED_VERSION:
                raise NeedsMcp from None
        except Spoilt:
            pass  # an older server, or none: the handshake will tell
        spoken = result.get("supportedVersions")
        offered = result.get("capabilities")
        if not isinstance(spoken, list) or not isinstance(offered, dict):
            return False
        if not any(version in MODERN for version in spoken):
            return False
        if not self._is_listed_well(result) or _TASKS in (offered.get("extensions") or {}):
            raise NeedsMcp
        tools = offered.get("tools")
        self._tells_when_asked = isinstance(tools, dict) and tools.get("listChanged") is True
        self._wire.version = next(version for version in reversed(MODERN) if version in spoken)
        return True

    async def _shake_hands(self) -> None:
        params = {"protocolVersion": HANDSHAKE[-1], "capabilities": {}, "clientInfo": _INFO}
        result = await self._request("initialize", params)
        version = result.get("protocolVersion")
        info, offered = result.get("serverInfo"), result.get("capabilities")
        if version not in HANDSHAKE or not isinstance(info, dict) or not isinstance(offered, dict):
            raise NeedsMcp
        self._wire.version = str(version)
        await self._wire.tell({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def _request(
        self, method: str, params: dict[str, Any], on_progress: ProgressCallback | None = None
    ) -> dict[str, Any]:
        number = next(self._numbers)
        meta: dict[str, Any] = {}
        if self._wire.version in MODERN:
            meta = {
                f"{_META}protocolVersion": self._wire.version,
                f"{_META}clientInfo": _INFO,
                f"{_META}clientCapabilities": {},
            }
        if on_progress is not None:
            meta["progressToken"] = number
            self._progress[number] = on_progress
        sent = {**params, "_meta": meta} if meta else params
        try:
            answer = await self._wire.ask(
                {"jsonrpc": "2.0", "id": number, "method": method, "params": sent}
            )
        except anyio.get_cancelled_exc_class():
            if self._wire.tells_cancelling and method not in ("initialize", "server/discover"):
                await self._cancel(number)
            raise
        finally:
            self._progress.pop(number, None)
        result = result_of(answer)
        if (crowd := too_many(method, result)) is not None:
            raise Spoilt(crowd)
        return result

    async def _cancel(self, number: int) -> None:
        params = {"requestId": number, "reason": "caller cancelled"}
        told = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}
        with anyio.CancelScope(shield=True), anyio.move_on_after(_CANCEL_S), suppress(Lost):
            await self._wire.tell(told)

    def _is_listed_well(self, result: dict[str, Any]) -> bool:
        """Whether a result says of itself what one of the newest version has to say."""
        if self._wire.version not in MODERN:
            return True
        return (
            result.get("resultType") == "complete"
            and type(result.get("ttlMs")) is int
            and result.get("cacheScope") in _CACHE_SCOPES
        )

    def _needs_headers(self, tool: dict[str, Any]) -> bool:
        """Whether calls of a tool need headers of their own, by its schema or its name."""
        if not self._wire.needs_headers or self._wire.version not in MODERN:
            return False
        from .http import fits_a_header

        return not fits_a_header(tool["name"]) or "x-mcp-header" in json.dumps(tool)

    async def _hear(self, message: Message) -> None:
        """Take what a server sends unasked. Raises `Lost`."""
        method, params = message["method"], message.get("params", {})
        if "id" in message:
            answer: Message = {"jsonrpc": "2.0", "id": message["id"]}
            if method == "ping":
                answer["result"] = {}
            else:
                words = not_supported(method)
                code = INVALID_REQUEST if words else METHOD_NOT_FOUND
                answer["error"] = {"code": code, "message": words or "Method not found"}
            await self._wire.tell(answer)
        elif method == "notifications/tools/list_changed":
            self._link.tools_changed()
        elif method == "notifications/progress":
            mend_notification(method, params)
            await self._report(params)

    async def _report(self, params: dict[str, Any]) -> None:
        token, progress, total = (params.get(key) for key in ("progressToken", "progress", "total"))
        callback = self._progress.get(token) if isinstance(token, int | str) else None
        if callback is None or not isinstance(progress, int | float):
            return
        words = params.get("message")
        waiting = callback(
            progress,
            total if isinstance(total, int | float) else None,
            self._link.secrets.text(words) if isinstance(words, str) else None,
        )
        if inspect.isawaitable(waiting):
            await waiting


def _is_definition(tool: Any) -> bool:
    return (
        isinstance(tool, dict)
        and isinstance(tool.get("name"), str)
        and isinstance(tool.get("inputSchema"), dict)
    )
