"""Code mode as an MCP server: search, read, check, run, and what belongs to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.metadata import version
from typing import Annotated, Any, Final

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import CallToolResult, InputRequiredResult, Tool, ToolAnnotations

from ..executor.executor import Executor
from ..library.library import Library
from ..library.program import SavedProgram
from ..outcome import Outcome
from ..prompting import tools as wording
from ..prompting.answers import check_findings, found_tools, page, with_notes
from ..prompting.outputs import STORED_BYTES, Outputs, Shortener
from ..prompting.prompt import fence, server_instructions
from .client import client_of
from .elicitation import QUESTIONS
from .live_run import LiveRun
from .program_tools import ProgramTools, checked
from .provider import ExecutorProvider, NotReady, Prepare
from .render import SCHEME, answer, findings, run_answer
from .runs import RunError, Runs
from .schemas import CheckResult, FoundTool, OutputPart, Page, RunResult, SearchResult
from .suspension import Suspension

TITLE: Final = "Code mode"

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ACTS = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True)


def code_mode(
    prepare: Prepare,
    *,
    servers: Sequence[str] = (),
    suspension: Suspension | None = None,
    library: Library | None = None,
    allow_always: bool = True,
    principals: int = 1,
) -> MCPServer[None]:
    """The server. `prepare` is called in the background when it starts, so that it answers at once.

    `servers` are named in its instructions. With `suspension`, a run that nobody can approve now is
    saved, and goes on later. The programs of a `library` are tools too, beside `run`.
    `allow_always`: whether a client's user can approve a tool for ever. `principals`: how many
    share the room that there is; each has sessions, outputs, runs and approvals of its own.
    """
    runs = Runs(suspension, allow_always=allow_always, principals=principals)
    tools = Tools(ExecutorProvider(prepare, servers), runs, principals)

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
        title=TITLE,
        instructions=server_instructions(servers),
        version=version("mcp-sdkgen-codemode"),
        lifespan=lifespan,
        log_level="WARNING",
    )
    for tool in wording.tools(sessions=True, resumable=suspension is not None):
        annotations = _ACTS if tool.acting else _READS
        method = getattr(tools, tool.name)
        server.add_tool(method, tool.name, tool.title, tool.description, annotations)
    server.resource(
        SCHEME + "{output}",
        name="output",
        title="An output of a program",
        mime_type="application/octet-stream",
    )(tools.output)
    server.resource(
        QUESTIONS + "{nonce}",
        name="question",
        title="A question about a call, in full",
        mime_type="text/plain",
    )(tools.question)
    if library is not None:
        server.offer(library, tools)
    return server


class _Server(MCPServer[None]):
    """With the saved programs as tools, if there are any to offer: which ones changes with time."""

    _programs: ProgramTools | None = None
    _tools: Tools

    def offer(self, library: Library, tools: Tools) -> None:
        """Offer the programs of a library."""
        self._programs, self._tools = ProgramTools(library, wording.NAMES), tools

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

    def __init__(self, desk: ExecutorProvider, runs: Runs, principals: int = 1) -> None:
        self.desk = desk
        self.runs = runs
        self._principals = principals
        self._outputs_of: dict[str, Outputs] = {}

    async def search(
        self, context: Context[Any, Any], query: wording.Query, limit: wording.Limit = 10
    ) -> Annotated[CallToolResult, SearchResult]:
        """What the tool of that name answers."""
        executor = await self._executor(context)
        found = await executor.search(query, limit)
        tools = [
            FoundTool(name=e.name, signature=e.signature, summary=e.summary, package=e.package)
            for e in found
        ]
        notes = self.desk.notes
        unmatched = executor.unmatched_words(query)
        data = SearchResult(tools=tools, unmatched=list(unmatched), notes=notes)
        return answer(with_notes(found_tools(found, unmatched), notes), data)

    async def read(
        self, context: Context[Any, Any], name: wording.PageName = ""
    ) -> Annotated[CallToolResult, Page]:
        """What the tool of that name answers."""
        executor = await self._executor(context)
        try:
            whole = page(name, executor.sdks)
        except LookupError as error:
            raise ToolError(fence(str(error), "problem")) from None
        text = Shortener(self._outputs(context))(name or "servers", whole)
        notes = self.desk.notes
        data = Page(name=name, text=text, notes=notes)
        return answer(with_notes(fence(text, "page"), notes), data)

    async def check(
        self, context: Context[Any, Any], program: wording.Program
    ) -> Annotated[CallToolResult, CheckResult]:
        """What the tool of that name answers."""
        executor = await self._executor(context)
        found = await executor.check(program, client=client_of(context).key)
        notes = self.desk.notes
        data = CheckResult(ok=not found, diagnostics=findings(found), notes=notes)
        return answer(with_notes(check_findings(found), notes), data)

    async def run(
        self,
        context: Context[Any, Any],
        program: wording.Program,
        session: wording.Session = None,
        timeout_s: wording.TimeLimit = 60,
    ) -> Annotated[CallToolResult, RunResult] | InputRequiredResult:
        """What the tool of that name answers."""
        executor = await self._executor(context)

        def begin() -> LiveRun:
            return self.runs.begin(executor, program, context, session=session, timeout_s=timeout_s)

        return await self._followed(begin, context)

    async def program(
        self, context: Context[Any, Any], one: SavedProgram, arguments: dict[str, Any]
    ) -> CallToolResult | InputRequiredResult:
        """What became of a saved program."""
        text = one.calling(checked(one, arguments))
        executor = await self._executor(context)
        limit_s = executor.limits.time_s
        return await self._followed(
            lambda: self.runs.begin(executor, text, context, session=None, timeout_s=limit_s),
            context,
        )

    async def resume(
        self, context: Context[Any, Any], run: wording.SuspendedRun
    ) -> Annotated[CallToolResult, RunResult] | InputRequiredResult:
        """What the tool of that name answers."""
        executor = await self._executor(context)
        return await self._followed(lambda: self.runs.resume(executor, run, context), context)

    async def read_output(
        self,
        context: Context[Any, Any],
        output: wording.OutputHandle,
        offset: wording.Offset = 0,
        length: wording.Length = wording.SHOWN_CHARS,
    ) -> Annotated[CallToolResult, OutputPart]:
        """What the tool of that name answers."""
        try:
            found = self._outputs(context).read(output, offset, length)
        except LookupError as error:
            advice = f"a file that is not text is read as a resource: {SCHEME}HANDLE"
            raise ToolError(f"{error}; {advice}") from None
        return answer(str(found), OutputPart(**asdict(found)))

    def output(self, context: Context[Any, Any], output: str) -> bytes:
        """An output whole, as a resource."""
        try:
            return self._outputs(context).get(output).data
        except LookupError as error:
            raise ResourceNotFoundError(str(error)) from None

    def question(self, context: Context[Any, Any], nonce: str) -> str:
        """All of an open question, as a resource: a form may show only the ends of a value."""
        found = self.runs.question(nonce, context)
        if found is None:
            raise ResourceNotFoundError("there is no such question, or it has been answered")
        return found.full_text

    def _outputs(self, context: Context[Any, Any]) -> Outputs:
        """The outputs of the principal, which has an equal share of what is stored."""
        principal = client_of(context).principal
        if principal not in self._outputs_of:
            self._outputs_of[principal] = Outputs(max_bytes=STORED_BYTES // self._principals)
        return self._outputs_of[principal]

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
                live = self.runs.take(context.request_state, context)
                self.runs.answered(live, context)
            outcome = await self.runs.follow(live, context)
        except RunError as error:
            raise ToolError(str(error)) from None
        if isinstance(outcome, InputRequiredResult):
            return outcome
        notes = [*self.desk.notes, *self._advice(outcome, live)]
        outputs = self._outputs(context)
        return run_answer(outcome, outputs, notes, session=live.session, run=live.handle)

    def _advice(self, outcome: Outcome, live: LiveRun) -> Sequence[str]:
        if outcome.suspended:
            return [
                f"{outcome.reason}. The user can approve it in a terminal with `mcp-sdkgen approve "
                f"{live.handle}`; then call resume(run={live.handle!r})"
            ]
        return []
