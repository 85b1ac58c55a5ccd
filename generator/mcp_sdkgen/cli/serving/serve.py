"""`mcp-sdkgen serve`"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from mcp_sdkgen_codemode import Policy, Sdk
from mcp_sdkgen_codemode.executor.options import ExecutorOptions
from mcp_sdkgen_codemode.policy.services import PinnedTool
from mcp_sdkgen_codemode.tool_search.embeddings import prepare as encode
from mcp_sdkgen_runtime.config.binding import heed_only_trusted_files

from ...config.clients import is_served
from ...lock.lock import Progress, Stage
from ...provision.at_hand import at_hand
from ...provision.provision import Provisioned
from ...source import Resolved, ServerSource
from ...text import terminal
from .. import options
from ..found_policy import check_policy, names_of_tools, not_started, unmatched
from ..given import Access, given
from ..program_input import Inputs, read_inputs
from ..run_spec import RunSpec
from ..running.approve import older_folders, suspended_folder
from ..saved_programs import library_of
from ..show import counted
from .way import AllowAlways, Http, TokenFile, UnixSocket, Way, say

if TYPE_CHECKING:
    from mcp_sdkgen_codemode.serve import Suspension


ProgramsAsTools = Annotated[
    bool, typer.Option("--programs-as-tools", help="Offer each saved program as a tool of its own.")
]
Update = Annotated[
    bool, typer.Option("--update", help="Build the SDKs again, even where they are in the cache.")
]


@given(Access)
def serve(
    asked: Access,
    inputs: Inputs = None,
    http: Http = None,
    token_file: TokenFile = None,
    unix_socket: UnixSocket = None,
    suspend: options.Suspend = False,
    allow_always: AllowAlways = False,
    programs_as_tools: ProgramsAsTools = False,
    update: Update = False,
    rerank: options.Rerank = False,
) -> int:
    """Serve code mode as an MCP server, for any MCP host.

    Its tools search, read, check and run. SDKs that are missing are built first, in the background.
    Over stdio, stdout belongs to the protocol. Exit code 0: the client has gone. 2: wrong usage or
    configuration.
    """
    way = Way.of(http, token_file, unix_socket)
    options.check_rerank(rerank)
    listed, files = read_inputs(inputs or ())
    spec = asked.spec(title="serve", inputs=tuple(listed))
    # A host starts this in the folder of any project that is opened.
    heed_only_trusted_files()
    resolved = _others(spec.resolved())
    policy = spec.policy(resolved)
    # Tools are known once the SDKs are there; names of servers now, before any client waits.
    check_policy(policy, (), spec.servers(resolved))
    for line in () if resolved is not None else not_started(Path.cwd()):
        say(line)

    # Deferred: it imports mcp, which takes a second that no other verb should.
    from mcp_sdkgen_codemode.serve import code_mode

    server = code_mode(
        _preparing(spec, resolved, policy, files, update=update, rerank=rerank),
        servers=_names(resolved),
        suspension=_suspension(spec, way) if suspend else None,
        library=library_of(asked.config) if programs_as_tools else None,
        # Over stdio, whoever answers started this process.
        allow_always=allow_always or way.is_stdio,
        principals=way.principals,
    )
    return way.serve(server)


def _suspension(spec: RunSpec, way: Way) -> Suspension:
    from mcp_sdkgen_codemode.serve import Suspension

    return Suspension(suspended_folder(), spec.as_json(), older_folders(), way.principals)


def _names(resolved: Resolved | None) -> list[str]:
    """The servers that can be told of before anything is built."""
    if resolved is None:
        return [sdk.key for sdk in at_hand(Path.cwd()).sdks]
    return [source.name for source in resolved.sources]


def _preparing(
    spec: RunSpec,
    resolved: Resolved | None,
    policy: Policy,
    files: Mapping[str, bytes],
    *,
    update: bool,
    rerank: bool,
) -> Callable[[Callable[[str], None]], ExecutorOptions]:
    """What makes the options of the executor, as often as servers are missing."""
    anew = [update]  # once, and not again where servers that were missing are tried again

    def prepare(tell: Callable[[str], None]) -> ExecutorOptions:
        again = anew.pop() if anew else False
        provisioned = _provisioned(spec, resolved, tell, update=again)
        executor_options = spec.executor_options(policy, provisioned, resolved)
        executor_options |= {"rerank": rerank, "missing": _missing(provisioned)}
        executor_options["files"] = files
        sdks = provisioned.sdks
        if rerank:
            tell("loading the model of search")
            encode(sdks, lambda done, of: tell(f"search: {done} of {of} new texts encoded"))
        if not provisioned.failed:  # else its tools are not known yet
            for line in _unmatched(policy, sdks):
                say(line)
        say(f"ready: {counted(len(sdks), 'SDK')}")
        return executor_options

    return prepare


def _unmatched(policy: Policy, sdks: Sequence[Sdk]) -> Iterator[str]:
    tools = (PinnedTool(sdk.key, one) for sdk in sdks for one in sdk.definitions.values())
    return unmatched(policy.unmatched(tools), names_of_tools(sdks))


def _provisioned(
    spec: RunSpec, resolved: Resolved | None, tell: Callable[[str], None], *, update: bool
) -> Provisioned:
    """The SDKs, built where need be. What is told of that goes to the client and to stderr."""

    # Deferred: its bars and tables take a while to import, and clients wait for the first answer.
    from ..show_work import STAGE_WORDS

    told: set[tuple[str, Stage]] = set()

    def on_progress(step: Progress) -> None:
        if (step.server, step.stage) in told:
            return  # a stage has several steps
        told.add((step.server, step.stage))
        words = f"{terminal(step.server)}: {STAGE_WORDS[step.stage]}"
        tell(words)
        say(words)

    found = spec.provision(resolved, update=update, on_progress=on_progress)
    for line in found.notes:
        say(line)
    for line, failed in zip(_missing(found), found.failed, strict=True):
        say(f"{line}: {failed.error}")
    return found


def _missing(provisioned: Provisioned) -> tuple[str, ...]:
    """What models should know of servers that are not as they should be."""
    built = {sdk.key for sdk in provisioned.sdks}
    return tuple(
        terminal(
            f"{one.server} "
            + ("has an older SDK" if one.server in built else "is missing")
            + ", and is tried again with later calls"
        )
        for one in provisioned.failed
    )


def _others(resolved: Resolved | None) -> Resolved | None:
    """Without the entries that are this very command: it would start itself for ever."""
    if resolved is None:
        return None
    others = []
    for source in resolved.sources:
        if isinstance(source, ServerSource) and is_served(
            source.config.command, source.config.args
        ):
            say(f"{source.name} is left out: it is mcp-sdkgen serve itself")
        else:
            others.append(source)
    return replace(resolved, sources=tuple(others))
