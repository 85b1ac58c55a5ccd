"""One conversation with a live server: connect, ask what it has, hand over the raw answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import mcp_types as types
from mcp.client import Client, ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget

from ..config import Transport
from ..diagnostic import Diagnostic, Level
from ..errors import SourceError
from .file import SERVER_INFO_KEY
from .http import HttpLog, http_client, sse, streamable
from .paging import Ask, Page, Pages, pages
from .raw_results import Ledger
from .stdio import ProcessLog, process

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

HANDSHAKE_FREE = "2026-07-28"
"""The protocol version under which `tools/list` may be the first request of all."""

_LISTS = (
    # field of the snapshot, capability, key of the result, request
    ("tools", "tools", "tools", types.ListToolsRequest),
    ("prompts", "prompts", "prompts", types.ListPromptsRequest),
    ("resources", "resources", "resources", types.ListResourcesRequest),
    (
        "resource_templates",
        "resources",
        "resourceTemplates",
        types.ListResourceTemplatesRequest,
    ),
)
_RESULTS: dict[str, type[types.Result]] = {
    "tools": types.ListToolsResult,
    "prompts": types.ListPromptsResult,
    "resources": types.ListResourcesResult,
    "resource_templates": types.ListResourceTemplatesResult,
}


@dataclass
class Log:
    """What is known about a conversation at any moment, also after it failed."""

    process: ProcessLog = field(default_factory=ProcessLog)
    http: HttpLog = field(default_factory=HttpLog)
    ledger: Ledger = field(default_factory=Ledger)
    activity: str = "connecting"


@dataclass
class Answers:
    """Everything that a server says about itself, exactly as sent."""

    lists: dict[str, list[Any]] = field(default_factory=dict)
    server_info: dict[str, Any] = field(default_factory=dict)
    capabilities: dict[str, Any] = field(default_factory=dict)
    instructions: str = ""
    protocol_version: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True)
class Attempt:
    """One way to reach a server: a transport and a mode of `mcp.Client`."""

    transport: Transport
    mode: str


def attempts(transport: Transport) -> tuple[Attempt, ...]:
    """The ways to reach a server, in the order in which they are tried."""
    match transport:
        case Transport.STDIO:
            # Some servers end when the first request is not `initialize`; some know no handshake.
            return tuple(Attempt(transport, mode) for mode in ("auto", "legacy", HANDSHAKE_FREE))
        case Transport.HTTP:
            return (Attempt(transport, "auto"), Attempt(Transport.SSE, "legacy"))
        case Transport.SSE:
            return (Attempt(transport, "legacy"),)


def worth_trying(attempt: Attempt, log: Log, error: MCPError | None) -> bool:
    """Whether `attempt` can succeed after the one before it left `log` and `error`."""
    if attempt.transport is Transport.SSE:
        return log.http.speaks_only_sse
    if attempt.mode == "legacy":
        return log.process.ended and not log.ledger.answers and not log.process.noise
    return error is not None and error.code == types.METHOD_NOT_FOUND


async def converse(
    attempt: Attempt,
    server: str,
    target: StdioTarget | HttpTarget,
    log: Log,
    timeout_s: float,
    on_page: Callable[[int], None],
) -> Answers:
    """Connect in one way and list everything. Raises whatever goes wrong; `log` says more.

    The client declares elicitation (forms and URLs, which `mcp` declares together), sampling and
    roots, as the runtime does, and declines each request. Servers show different tools to clients
    that cannot do these: server-everything 2026.8.31 shows 17 with all of them, 16 without URL
    elicitation, 13 with none.
    """
    async with _client(attempt, target, log, timeout_s) as client:
        log.activity = "listing its tools"
        answers = _opening(client, attempt, log.ledger, server)
        for name, capability, key, request in _LISTS:
            if capability not in answers.capabilities and (name != "tools" or answers.capabilities):
                continue
            ask = partial(_ask, client, log.ledger, request, _RESULTS[name])
            if name == "tools":
                answers.lists[name] = await _tools(ask, answers, server, on_page)
            else:
                answers.lists[name] = await _optional(
                    ask, name, key, answers, server, timeout_s / 4
                )
    return answers


@asynccontextmanager
async def _client(
    attempt: Attempt, target: StdioTarget | HttpTarget, log: Log, timeout_s: float
) -> AsyncGenerator[Client]:
    transport: AbstractAsyncContextManager[TransportStreams]
    async with AsyncExitStack() as stack:
        if isinstance(target, StdioTarget):
            transport = process(target, log.process)
        elif attempt.transport is Transport.SSE:
            transport = sse(target, log.http, timeout_s)
        else:
            http = await stack.enter_async_context(http_client(target, log.http, timeout_s))
            transport = streamable(target, http)
        client = Client(
            log.ledger.wrap(transport),
            mode=attempt.mode,
            sampling_callback=_decline_sampling,
            elicitation_callback=_decline_elicitation,
            list_roots_callback=_no_roots,
            client_info=types.Implementation(name="mcp-sdkgen", version="0"),
        )
        yield await stack.enter_async_context(client)


def _opening(client: Client, attempt: Attempt, ledger: Ledger, server: str) -> Answers:
    """What the server said when the connection opened, in either form of the protocol."""
    if attempt.mode == HANDSHAKE_FREE:
        return Answers(
            diagnostics=[
                Diagnostic(
                    Level.NOTE, "no-handshake",
                    "the server answers neither server/discover nor initialize; "
                    "it is used without either",
                    server=server,
                )
            ]
        )  # fmt: skip
    if client.session.discover_result is not None:
        raw = ledger.results.get("server/discover", {})
        meta = raw.get("_meta")
        info = meta.get(SERVER_INFO_KEY) if isinstance(meta, dict) else None
    else:
        raw = ledger.results.get("initialize", {})
        info = raw.get("serverInfo")
    capabilities, instructions = raw.get("capabilities"), raw.get("instructions")
    return Answers(
        server_info=info if isinstance(info, dict) else {},
        capabilities=capabilities if isinstance(capabilities, dict) else {},
        instructions=instructions if isinstance(instructions, str) else "",
        protocol_version=client.protocol_version,
    )


async def _ask(
    client: Client,
    ledger: Ledger,
    request: Any,
    result_type: type[types.Result],
    cursor: str | None,
) -> Page:
    """One page, raw. The parsed result is only the empty page that the ledger put in its place."""
    params = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
    message = request(params=params)
    await client.session.send_request(message, result_type)
    return ledger.results.pop(message.method)


async def _tools(
    ask: Ask, answers: Answers, server: str, on_page: Callable[[int], None]
) -> list[Any]:
    """All tools. Without them there is nothing to build, unless none were announced."""
    try:
        return _items(await pages(ask, "tools", on_page), "tools", answers, server)
    except MCPError as error:
        unasked = bool(answers.protocol_version) and "tools" not in answers.capabilities
        if unasked and error.code == types.METHOD_NOT_FOUND:
            return []
        raise


async def _optional(
    ask: Ask, name: str, key: str, answers: Answers, server: str, within_s: float
) -> list[Any]:
    """All of a list that an SDK can do without: failing costs a diagnostic, not the server."""
    problem = f"no answer in {within_s:g} s"
    try:
        with anyio.move_on_after(within_s):
            return _items(await pages(ask, key, _quiet), name, answers, server)
    except (MCPError, SourceError) as error:
        problem = str(error)[:500]
    answers.diagnostics.append(
        Diagnostic(
            Level.WARNING,
            "list-failed",
            f"announces {name.replace('_', ' ')} but could not list them: {problem}",
            server=server,
        )
    )
    return []


def _items(found: Pages, name: str, answers: Answers, server: str) -> list[Any]:
    if found.warning:
        answers.diagnostics.append(
            Diagnostic(Level.WARNING, "odd-paging", f"{name}: {found.warning}", server=server)
        )
    return found.items


def _quiet(_: int) -> None:
    """Progress counts tools only."""


async def _decline_sampling(
    context: ClientRequestContext, params: types.CreateMessageRequestParams
) -> types.ErrorData:
    return types.ErrorData(code=types.INVALID_REQUEST, message="declined")


async def _decline_elicitation(
    context: ClientRequestContext, params: types.ElicitRequestParams
) -> types.ElicitResult:
    return types.ElicitResult(action="decline")


async def _no_roots(context: ClientRequestContext) -> types.ListRootsResult:
    return types.ListRootsResult(roots=[])
