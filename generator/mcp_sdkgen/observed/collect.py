"""Call chosen tools of a live server, and record the shapes of their answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from mcp_sdkgen_runtime import CallOptions, LazySession, SdkError
from mcp_sdkgen_runtime.observed.recorder import as_text, write
from mcp_sdkgen_runtime.schema.definitions import only_reads

from ..config import bind
from ..errors import ConfigError
from ..json_io import Json
from ..lower.draft import declares_shape, declares_text, unwrapped_key
from ..snapshot import Snapshot, ToolDefinition
from ..source import ServerSource, run_sync

FILE_NAME = "observed.ndjson"
"""Where the shapes of a server's answers go, beside its lock."""


@dataclass(frozen=True)
class Call:
    """One call to make: a tool by its wire name, and its arguments."""

    tool: str
    arguments: Json = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Call:
        """Read `TOOL` or `TOOL {"argument": …}`. Raises `ConfigError`."""
        tool, _, given = text.strip().partition(" ")
        try:
            arguments = json.loads(given or "{}")
        except ValueError as error:
            arguments, why = None, str(error)
        else:
            why = "the arguments are no JSON object"
        if not tool or not isinstance(arguments, dict):
            raise ConfigError(
                f"--call {text!r}: {why if tool else 'it names no tool'}",
                hint="""write a tool's name and its arguments: --call 'get_user {"id": 7}'""",
            )
        return cls(tool, arguments)


@dataclass(frozen=True)
class Answered:
    """What became of a call: what its answer was read from, or the problem that it met."""

    call: Call
    read: str = ""
    problem: str = ""


def observe(
    source: ServerSource,
    snapshot: Snapshot,
    calls: Sequence[Call],
    path: Path,
    *,
    allow_writes: bool = False,
    timeout_s: float = 60.0,
    on_answer: Callable[[Answered], None] | None = None,
) -> list[Answered]:
    """Make `calls`, one after the other, and add the shapes of the answers to the file `path`.

    `snapshot` has the tools as they are now, and the edition of the SDK. `timeout_s` limits
    each call. A call that fails costs none of the others. Raises `ConfigError` before anything is
    called when a tool is unknown, needs no observing, or is not annotated as read-only and
    `allow_writes` is not given.
    """
    tools = {tool.name: tool for tool in snapshot.tools}
    for call in calls:
        if call.tool not in tools:
            near = get_close_matches(call.tool, tools, n=1)
            hint = f"did you mean {near[0][:80]!r}?" if near else "`mcp-sdkgen tools` lists them"
            raise ConfigError(f"{source.name} has no tool {call.tool!r}", hint=hint)
        _check(call, tools[call.tool], snapshot.edition, source.name, allow_writes)
    work = partial(
        _observe, source, snapshot, calls, path, timeout_s, on_answer or (lambda _: None)
    )
    return run_sync(work)


def observable(snapshot: Snapshot) -> Iterator[tuple[ToolDefinition, bool]]:
    """The tools that declare no result, or only a text, and whether each is annotated as
    read-only."""
    for tool in snapshot.tools:
        if not declares_shape(tool.definition, snapshot.edition):
            yield tool, only_reads(tool.definition.get("annotations"))


def _check(call: Call, tool: ToolDefinition, edition: int, server: str, allow_writes: bool) -> None:
    if declares_shape(tool.definition, edition):
        raise ConfigError(f"{server}.{call.tool} declares an output schema: it is typed already")
    if not (allow_writes or only_reads(tool.definition.get("annotations"))):
        raise ConfigError(
            f"{server}.{call.tool} is not annotated as read-only, so calling it may change things",
            hint="if these calls may be made, add --allow-writes",
        )


async def _observe(
    source: ServerSource,
    snapshot: Snapshot,
    calls: Sequence[Call],
    path: Path,
    timeout_s: float,
    tell: Callable[[Answered], None],
) -> list[Answered]:
    session = LazySession(source.name, bind(source.config))
    tools = {tool.name: tool for tool in snapshot.tools}
    answered = []
    try:
        for call in calls:
            answered.append(await _one(session, tools[call.tool], call, path, timeout_s, snapshot))
            tell(answered[-1])
    finally:
        await session.aclose()
    return answered


async def _one(
    session: LazySession,
    tool: ToolDefinition,
    call: Call,
    path: Path,
    timeout_s: float,
    snapshot: Snapshot,
) -> Answered:
    try:
        raw = await session.call(call.tool, call.arguments, options=CallOptions(timeout_s))
        if raw.is_error:
            return Answered(call, problem=f"the tool failed: {raw.text[:500]}")
        if declares_text(tool.definition, snapshot.edition):
            raw = as_text(raw, unwrapped_key(tool.definition, snapshot.edition))
        read = write(path, snapshot.server, tool.name, tool.digest, call.arguments, raw)
    except (SdkError, OSError, ValueError) as error:
        return Answered(call, problem=str(error))
    return Answered(call, read)
