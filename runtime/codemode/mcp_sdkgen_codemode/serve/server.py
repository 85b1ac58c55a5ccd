"""Code mode as an MCP server: search, read, check, run, and what belongs to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any, Final

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import CallToolResult, InputRequiredResult, Tool, ToolAnnotations
from pydantic import Field

from .. import catalog
from ..executor.executor import Executor
from ..library.library import Library, SavedProgram
from ..outcome import Outcome
from ..prompting.prompt import fence
from . import descriptions
from .output_store import Outputs
from .program_tools import ProgramTools, calling
from .provider import ExecutorProvider, NotReady, Prepare
from .render import SCHEME, SHOWN_CHARS, Shortener, answer, findings, told, with_notes
from .runs import LiveRun, RunError, Runs, Suspension
from .schemas import CheckResult, FoundTool, OutputPart, Page, RunResult, SearchResult

MAX_TIME_S: Final = 600.0
"""The wall clock that a model may give to a program, in seconds."""

_OWN: Final = ("search", "read", "check", "run", "read_output", "resume")
"""Names that are ours whether or not the tools are there."""
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ACTS = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True)

Program = Annotated[str, Field(description="The Python program.")]


def code_mode(
    prepare: Prepare,
    *,
    servers: Sequence[str] = (),
    suspension: Suspension | None = None,
    library: Library | None = None,
) -> MCPServer[None]:
    """The server. `prepare` is called in the background when it starts, so that it answers at once.

    `servers` are named in its instructions. With `suspension`, a run that nobody can approve now is
    kept, and goes on later. The programs of a `library` are tools too, beside `run`.
    """
    tools = Tools(ExecutorProvider(prepare), Runs(suspension))

    @asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        tools.desk.start()
        try:
            yield
        finally:
            await tools.runs.aclose()
            await tools.desk.aclose()

    server = _Server(
        "mcp-sdkgen",
        title=descriptions.TITLE,
        instructions=descriptions.instructions(servers),
        version=version("mcp-sdkgen-codemode"),
        lifespan=lifespan,
        log_level="WARNING",
    )
    add = server.add_tool
    add(tools.search, "search", "Search tools", descriptions.SEARCH, _READS)
    add(tools.read, "read", "Read documentation", descriptions.READ, _READS)
    add(tools.check, "check", "Check a program", descriptions.CHECK, _READS)
    add(tools.run, "run", "Run a program", descriptions.RUN, _ACTS)
    add(tools.read_output, "read_output", "Read on", descriptions.READ_OUTPUT, _READS)
    if suspension is not None:
        add(tools.resume, "resume", "Resume a run", descriptions.RESUME, _ACTS)
    server.resource(
        SCHEME + "{output}",
        name="output",
        title="An output of a program",
        mime_type="application/octet-stream",
    )(tools.output)
    if library is not None:
        server.offer(library, tools)
    return server


class _Server(MCPServer[None]):
    """With the kept programs as tools, if there are any to offer: which ones changes with time."""

    _programs: ProgramTools | None = None
    _tools: Tools

    def offer(self, library: Library, tools: Tools) -> None:
        """Offer the programs of a library."""
        self._programs, self._tools = ProgramTools(library, _OWN), tools

    async def list_tools(self) -> list[Tool]:
        found = await super().list_tools()
        if self._programs is not None:
            made = self._tools.desk.made
            found += await asyncio.to_thread(self._programs.listed, made, _ACTS)
        return found

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        one = self._programs.find(name) if self._programs is not None else None
        if one is None or context is None:
            return await super().call_tool(name, arguments, context)
        return await self._tools.program(context, one, arguments)


class Tools:
    """The tools, as methods."""

    def __init__(self, desk: ExecutorProvider, runs: Runs) -> None:
        self.desk = desk
        self.runs = runs
        self._outputs = Outputs()

    async def search(
        self,
        context: Context[Any, Any],
        query: Annotated[str, Field(description="What the tool should do.", max_length=1000)],
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
    ) -> Annotated[CallToolResult, SearchResult]:
        """See `words.SEARCH`."""
        executor = await self._executor(context)
        found = await executor.search(query, limit)
        tools = [
            FoundTool(name=e.name, signature=e.signature, summary=e.summary, package=e.package)
            for e in found
        ]
        notes = self.desk.notes
        text = fence("\n".join(map(str, found)), "tools") if found else "no tool fits"
        return answer(with_notes(text, notes), SearchResult(tools=tools, notes=notes))

    async def read(
        self,
        context: Context[Any, Any],
        name: Annotated[str, Field(description="`server.tool`, `server.Class` or `server`.")] = "",
    ) -> Annotated[CallToolResult, Page]:
        """See `words.READ`."""
        executor = await self._executor(context)
        text = Shortener(self._outputs)(name or "servers", _page(executor, name))
        notes = self.desk.notes
        shown = with_notes(fence(text, "page"), notes)
        return answer(shown, Page(name=name, text=text, notes=notes))

    async def check(
        self, context: Context[Any, Any], program: Program
    ) -> Annotated[CallToolResult, CheckResult]:
        """See `words.CHECK`."""
        executor = await self._executor(context)
        found = await executor.check(program)
        notes = self.desk.notes
        text = fence("\n".join(map(str, found)), "diagnostics") if found else "nothing is wrong"
        data = CheckResult(ok=not found, diagnostics=findings(found), notes=notes)
        return answer(with_notes(text, notes), data)

    async def run(
        self,
        context: Context[Any, Any],
        program: Program,
        session: Annotated[
            str | None,
            Field(description='"new", or the session that an earlier run named. Else stateless.'),
        ] = None,
        timeout_s: Annotated[
            float, Field(gt=0, le=MAX_TIME_S, description="Seconds it may run.")
        ] = 60,
    ) -> Annotated[CallToolResult, RunResult] | InputRequiredResult:
        """See `words.RUN`."""
        executor = await self._executor(context)

        def begin() -> LiveRun:
            return self.runs.begin(executor, program, context, session=session, timeout_s=timeout_s)

        return await self._followed(begin, context)

    async def program(
        self, context: Context[Any, Any], one: SavedProgram, arguments: dict[str, Any]
    ) -> CallToolResult | InputRequiredResult:
        """What became of a kept program."""
        text = calling(one, arguments)
        executor = await self._executor(context)
        limit_s = executor.limits.time_s
        return await self._followed(
            lambda: self.runs.begin(executor, text, context, session=None, timeout_s=limit_s),
            context,
        )

    async def resume(
        self,
        context: Context[Any, Any],
        run: Annotated[str, Field(description="The suspended run (`run-…`).")],
    ) -> Annotated[CallToolResult, RunResult] | InputRequiredResult:
        """See `words.RESUME`."""
        executor = await self._executor(context)
        return await self._followed(lambda: self.runs.resume(executor, run, context), context)

    async def read_output(
        self,
        output: Annotated[str, Field(description="The handle.")],
        offset: Annotated[int, Field(ge=0, description="The first character.")] = 0,
        length: Annotated[int, Field(ge=1, le=SHOWN_CHARS)] = SHOWN_CHARS,
    ) -> Annotated[CallToolResult, OutputPart]:
        """See `words.READ_OUTPUT`."""
        try:
            kept = self._outputs.get(output)
        except KeyError:
            raise ToolError("there is no such output, or no more; run the program again") from None
        if kept.text is None:
            raise ToolError(f"{kept.mime_type} is no text; read the resource {SCHEME}{output}")
        part = kept.text[offset : offset + length]
        total, end = len(kept.text), offset + len(part)
        following = end if end < total else None
        data = OutputPart(
            output=output,
            name=kept.name,
            offset=offset,
            text=part,
            next_offset=following,
            characters=total,
        )
        where = f"characters {offset:,} to {end:,} of {total:,}"
        return answer(f"{where}\n{fence(part, 'output')}", data)

    def output(self, output: str) -> bytes:
        """An output whole, as a resource."""
        try:
            return self._outputs.get(output).data
        except KeyError:
            raise ResourceNotFoundError("there is no such output, or no more") from None

    async def _executor(self, context: Context[Any, Any]) -> Executor:
        steps = 0

        async def report(step: str) -> None:
            nonlocal steps
            steps += 1
            await context.report_progress(steps, None, f"preparing: {step}")

        try:
            return await self.desk.executor(report)
        except NotReady as error:
            raise ToolError(str(error)) from None

    async def _followed(
        self, begin: Callable[[], LiveRun], context: Context[Any, Any]
    ) -> CallToolResult | InputRequiredResult:
        try:
            if context.request_state is None:
                live = begin()
            else:
                live = self.runs.take(context.request_state)
                self.runs.answered(live, context)
        except RunError as error:
            raise ToolError(str(error)) from None
        outcome = await self.runs.follow(live, context)
        if isinstance(outcome, InputRequiredResult):
            return outcome
        notes = [*self.desk.notes, *self._advice(outcome, live)]
        return told(outcome, self._outputs, notes, session=live.session, run=live.handle)

    def _advice(self, outcome: Outcome, live: LiveRun) -> Sequence[str]:
        if outcome.suspended:
            return [
                f"{outcome.reason}. The user can approve it in a terminal with `mcp-sdkgen approve "
                f"{live.handle}`; then call resume(run={live.handle!r})"
            ]
        return []


def _page(executor: Executor, name: str) -> str:
    """The page of that name. Raises `ToolError` with the nearest name that exists."""
    sdks = executor.sdks
    if not name:
        return "\n".join(
            f"{sdk.parts.instance}: {len(sdk.tools)} tools, in {sdk.package}" for sdk in sdks
        )
    if "." not in name:
        own = [s for s in sdks if name in (s.server, s.key, s.package, s.parts.instance)]
        if not own:
            there = ", ".join(sdk.parts.instance for sdk in sdks)
            raise ToolError(f"no server {json.dumps(name)}; there are: {there}")
        return "\n".join(map(str, catalog.index(own)))
    try:
        return catalog.page(name, sdks)
    except LookupError as no_tool:
        try:
            return catalog.model(name, sdks)
        except LookupError as no_class:
            near = no_class if name.partition(".")[2][:1].isupper() else no_tool
            raise ToolError(str(near)) from None
