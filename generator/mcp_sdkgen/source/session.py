"""One conversation with a live server: ask what it has, hand over the raw answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import anyio
from mcp_sdkgen_runtime.config.secret_values import secret_values
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from mcp_sdkgen_runtime.observability.secret_set import SecretSet
from mcp_sdkgen_runtime.session.paging import Ask, Pages, PagingError, pages
from mcp_sdkgen_runtime.session.start_limits import Heard, StartLimit, attend
from mcp_sdkgen_runtime.transport.connection_state import ConnectionState, leaves
from mcp_sdkgen_runtime.transport.diagnosis import CONNECTING, Cause, Stage, find_cause
from mcp_sdkgen_runtime.transport.listing import (
    ListingClient,
    MCPError,
    Opening,
    is_unknown_method,
    listing_client,
)

from ..diagnostic import Diagnostic, Level
from ..errors import SourceError
from ..json_io import MAX_BYTES
from .file import SERVER_INFO_KEY

_BUSY_S: Final = 10.0
"""How long a start keeps a machine busy that tells of no installation. Whoever has not answered by
then waits for something, and others may start."""
_LISTING: Final = Stage("listing its tools", "it had listed its tools")
_LISTS: Final = (
    # field of the snapshot, capability, key of the result, method
    ("tools", "tools", "tools", "tools/list"),
    ("prompts", "prompts", "prompts", "prompts/list"),
    ("resources", "resources", "resources", "resources/list"),
    ("resource_templates", "resources", "resourceTemplates", "resources/templates/list"),
)


@dataclass
class Answers:
    """Everything that a server says about itself, exactly as sent."""

    lists: dict[str, list[Any]] = field(default_factory=dict)
    server_info: dict[str, Any] = field(default_factory=dict)
    capabilities: dict[str, Any] = field(default_factory=dict)
    instructions: str = ""
    protocol_version: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)


class NoAnswersError(Exception):
    """The server gave no snapshot; `cause` says why, not redacted."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.what)
        self.cause = cause


@dataclass(frozen=True)
class Listener:
    """Who is told of a conversation's steps: pages of tools, what its package manager does, in
    words, that an installation is waited for, with whether time has run out, and that its start no
    longer keeps the machine busy."""

    page: Callable[[int], None]
    installing: Callable[[str], None]
    finishing: Callable[[bool], None]
    settled: Callable[[], None]


async def converse(
    server: str, target: StdioTarget | HttpTarget, limit: StartLimit, listener: Listener
) -> Answers:
    """Connect and list everything within the limit.

    Raises `NoAnswersError`, and `SourceError` for lists that are beyond all bounds.
    """
    link = ConnectionState(
        server, limit.time_s, MAX_BYTES, secrets=SecretSet(secret_values(target))
    )
    if isinstance(target, HttpTarget) and target.auth is not None:
        # Deferred: only few servers want a login, and its cryptography is slow to import.
        from mcp_sdkgen_runtime.oauth.provider import login_flow

        link.auth = login_flow(target, link, None)
    stage = CONNECTING
    try:
        with anyio.fail_after(limit.time_s) as scope:
            link.waits_for = lambda _: listener.finishing(scope.cancel_called)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(attend, link, limit, scope, _heard(listener, link))
                async with listing_client(target, link, "mcp-sdkgen", "0") as client:
                    stage = _LISTING
                    listener.settled()
                    found = await _everything(client, server, limit.time_s, listener.page)
                tasks.cancel_scope.cancel()
            return found
    except Exception as error:
        for leaf in leaves(error):
            if isinstance(leaf, PagingError):
                raise SourceError(str(leaf)) from None
        raise NoAnswersError(await find_cause(error, target, link, stage)) from None


def _heard(listener: Listener, link: ConnectionState) -> Heard:
    """Tells the listener of an installation, and when the start keeps the machine busy no more."""
    active_s = 0.0
    told = ""

    def heard(lasted_s: float, doing: str | None) -> None:
        nonlocal active_s, told
        if doing is not None:
            active_s = lasted_s
            if doing != told:
                told = doing
                listener.installing(f"{link.installation.manager}: {doing}")
        if lasted_s - active_s > _BUSY_S:
            listener.settled()

    return heard


async def _everything(
    client: ListingClient, server: str, timeout_s: float, on_page: Callable[[int], None]
) -> Answers:
    answers = _opening(client.opening, server)
    for name, capability, key, method in _LISTS:
        if capability not in answers.capabilities and (name != "tools" or answers.capabilities):
            continue
        ask = partial(client.page, method)
        if name == "tools":
            answers.lists[name] = await _tools(ask, answers, server, on_page)
        else:
            answers.lists[name] = await _optional(ask, name, key, answers, server, timeout_s / 4)
    return answers


def _opening(opening: Opening, server: str) -> Answers:
    """What the server said when the connection opened, in either form of the protocol."""
    raw = opening.result
    if not opening.protocol_version:
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
    meta = raw.get("_meta")
    info = raw.get("serverInfo") or (meta.get(SERVER_INFO_KEY) if isinstance(meta, dict) else None)
    capabilities, instructions = raw.get("capabilities"), raw.get("instructions")
    return Answers(
        server_info=info if isinstance(info, dict) else {},
        capabilities=capabilities if isinstance(capabilities, dict) else {},
        instructions=instructions if isinstance(instructions, str) else "",
        protocol_version=opening.protocol_version,
        diagnostics=[
            Diagnostic(Level.WARNING, "odd-opening", f"its first answer: {note}", server=server)
            for note in opening.notes
        ],
    )


async def _tools(
    ask: Ask, answers: Answers, server: str, on_page: Callable[[int], None]
) -> list[Any]:
    """All tools. Without them there is nothing to build, unless none were announced."""
    try:
        return _items(await pages(ask, "tools", on_page), "tools", answers, server)
    except MCPError as error:
        unasked = bool(answers.protocol_version) and "tools" not in answers.capabilities
        if unasked and is_unknown_method(error):
            return []
        raise


async def _optional(
    ask: Ask, name: str, key: str, answers: Answers, server: str, within_s: float
) -> list[Any]:
    """All of a list that an SDK can do without: failing costs a diagnostic, not the server."""
    problem = f"no answer in {within_s:g} s"
    try:
        with anyio.move_on_after(within_s):
            return _items(await pages(ask, key), name, answers, server)
    except (MCPError, PagingError) as error:
        if name == "resource_templates" and is_unknown_method(error):
            return []  # no capability announces them: that of resources is for both
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
