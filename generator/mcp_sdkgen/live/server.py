"""One live server: its tools as they are now, and calls that the policy lets through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final

from mcp_sdkgen_codemode import Limits, Policy
from mcp_sdkgen_codemode.broker.call import CallPipeline, CallRequest, PendingCall
from mcp_sdkgen_codemode.broker.replies import Refusal
from mcp_sdkgen_codemode.policy.approval import Approvals
from mcp_sdkgen_codemode.policy.services import PinnedTool, Service, worse
from mcp_sdkgen_runtime import RawResult, SessionOptions
from mcp_sdkgen_runtime.content.results import Unstructured
from mcp_sdkgen_runtime.errors import ArgumentsError, SdkError
from mcp_sdkgen_runtime.schema.definitions import digest
from mcp_sdkgen_runtime.session.direct_session import DirectSession
from mcp_sdkgen_runtime.tool.codec import encode
from mcp_sdkgen_runtime.tool.tool import Tool

from ..config import bind
from ..errors import ConfigError
from ..lower.draft import Draft, draft
from ..names import instance, method_names
from ..schema.subset import is_nullable
from ..snapshot import Snapshot, ToolDefinition
from ..source import ServerSource
from ..text import one_line

Definition = Mapping[str, Any]
CALL_S: Final = 60.0
OnProgress = Callable[[float, float | None, str | None], None]


class _LiveTool(Tool[Any]):
    """A tool that no SDK has: its definition is the one that the server gave just now."""

    def __init__(self, server: str, one: Draft) -> None:
        super().__init__(
            server=server,
            name=one.tool.name,
            result=Unstructured,
            digest=one.tool.digest,
            names={argument.name: argument.wire for argument in one.arguments},
            nullable=[each.name for each in one.arguments if is_nullable(each.type)],
        )
        self._live = one.tool.definition

    @cached_property
    def definition(self) -> Definition:
        """The tool's definition."""
        return self._live


@dataclass(frozen=True)
class Tools:
    """The tools of one server, by wire name. `pinned` is the lock of its SDK, if it has one."""

    server: str
    definitions: Mapping[str, Definition]
    pinned: Snapshot | None = None

    def find(self, name: str) -> Draft:
        """The tool of that name, the server's or Python's. Raises `ConfigError`."""
        wires = sorted(self.definitions)
        lock = self.pinned
        named = method_names(wires, lock.names, lock.edition) if lock else method_names(wires)
        methods = dict(zip(named, wires, strict=True))
        bare = without_server(name, self.server)
        found = (each for each in (name, bare) if each in self.definitions)
        wire = next(found, None) or methods.get(name) or methods.get(bare)
        if wire is None:
            near = get_close_matches(bare, [*wires, *methods], n=1)
            hint = f"did you mean {one_line(near[0], 80)!r}? " if near else ""
            raise ConfigError(
                f"{self.server} has no tool {name[:80]!r}",
                hint=f"{hint}`mcp-sdkgen tools` lists them",
            )
        method = next(method for method, known in methods.items() if known == wire)
        return draft(ToolDefinition(wire, dict(self.definitions[wire])), method, self.server)

    def judged(self, wire: str, *, check_formats: bool = True) -> PinnedTool:
        """The tool as policy sees it: by the worse of what the lock and the server say."""
        live = self.definitions[wire]
        known = {tool.name: tool.definition for tool in self.pinned.tools} if self.pinned else {}
        if wire not in known or digest(known[wire]) == digest(live):
            return PinnedTool(self.server, live, check_formats=check_formats)
        hints = worse(_hints(known[wire]), _hints(live))
        worst = {**live, "annotations": hints}
        return PinnedTool(self.server, worst, check_formats=check_formats)


def without_server(tool: str, server: str) -> str:
    """The tool's name alone, of `weather.get_forecast` or `weather/get_forecast`."""
    for name in (server, instance(server)):
        for sign in "./":
            if tool.startswith(f"{name}{sign}"):
                return tool[len(name) + 1 :]
    return tool


def _hints(definition: Definition) -> Mapping[str, Any]:
    found = definition.get("annotations")
    return found if isinstance(found, Mapping) else {}


def checked(
    one: Draft, server: str, arguments: Mapping[str, Any], *, check_formats: bool = True
) -> dict[str, Any]:
    """The arguments as they will be sent, checked by the tool's own schema.

    Raises `ConfigError` that names the argument and what is wrong.
    """
    known = {argument.wire for argument in one.arguments}
    named = {name: value for name, value in arguments.items() if name in known}
    extra = {name: value for name, value in arguments.items() if name not in known}
    try:
        sent = encode(_LiveTool(server, one), named, extra, check_formats=check_formats)
    except ArgumentsError as error:
        hint = f"`mcp-sdkgen tools {server}` shows it"
        if error.rule == "format":
            hint += "; --no-check-formats sends it all the same"
        problem = str(error).removesuffix(f"; {error.hint}")
        raise ConfigError(problem, hint=hint) from None
    if lost := sorted(arguments.keys() - sent.keys()):
        raise ConfigError(f"argument {lost[0]!r}: the schema does not allow null")
    return sent


@dataclass
class LiveServer:
    """A server that is connected when it is first asked. Used inside `connected`."""

    source: ServerSource
    session: DirectSession
    pinned: Snapshot | None = None
    timeout_s: float = CALL_S
    notes: list[str] = field(default_factory=list)

    async def tools(self) -> Tools:
        """The tools that it has now. Raises `SdkError`."""
        return Tools(self.source.name, await self.session.live(), self.pinned)

    async def call(
        self,
        tool: PinnedTool,
        arguments: dict[str, Any],
        policy: Policy,
        approvals: Approvals,
        on_progress: OnProgress,
    ) -> RawResult:
        """The answer of a call that the policy, or a person, lets through.

        Raises `Refusal` where that is not so, and `SdkError` when no answer came.
        """
        service = Service(self.session, {tool.name: tool})
        pipeline = CallPipeline(
            {self.source.name: service},
            replace(Limits(), call_s=self.timeout_s),
            policy,
            approvals,
        )
        request = CallRequest(self.source.name, tool.name, arguments, token="")
        try:
            answer = await pipeline.result(PendingCall(request, lambda: None, on_progress))
        except Refusal as refusal:
            if isinstance(refusal.__cause__, SdkError):
                # A program in a sandbox must not learn where a server is; its user may.
                raise refusal.__cause__ from None
            raise
        finally:
            self.notes += pipeline.notes
        assert isinstance(answer, RawResult)  # it is what a tool gives
        return answer


@asynccontextmanager
async def connected(
    source: ServerSource,
    pinned: Snapshot | None,
    timeout_s: float | None,
    on_waiting: Callable[[str], None] | None = None,
) -> AsyncIterator[LiveServer]:
    """A live server, whose process has ended when the block is left.

    `timeout_s` is for connecting and for each call; without it a connection has the time that suits
    the server's command. `on_waiting` is that of `SessionOptions`. Raises `ConfigError`.
    """
    options = SessionOptions(connect_timeout_s=timeout_s, on_waiting=on_waiting)
    session = DirectSession(source.name, bind(source.config), options)
    try:
        yield LiveServer(source, session, pinned, timeout_s or CALL_S)
    finally:
        await session.aclose()
