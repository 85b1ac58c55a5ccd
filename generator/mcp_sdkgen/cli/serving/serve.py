"""`mcp-sdkgen serve`"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer
from mcp_sdkgen_codemode import Policy
from mcp_sdkgen_codemode.executor.options import ExecutorOptions
from mcp_sdkgen_codemode.library.library import Library
from mcp_sdkgen_codemode.tool_search.embeddings import prepare as encode
from mcp_sdkgen_runtime.config.binding import heed_only_trusted_files
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.files import own_secret, state_folder

from ...config.install import is_served
from ...errors import ConfigError
from ...lock.lock import Progress
from ...provision.at_hand import at_hand
from ...provision.provision import Provisioned
from ...source import Resolved, ServerSource
from ...text import terminal
from .. import options
from ..found_policy import check_policy
from ..program_input import Inputs, read_inputs
from ..run_spec import RunSpec
from ..running.approve import older_folders, suspended_folder
from ..show import counted, safe, stderr

if TYPE_CHECKING:
    from mcp_sdkgen_codemode.serve import MCPServer

TOKEN_VARIABLE = "MCP_SDKGEN_SERVE_TOKEN"  # noqa: S105  # the name of a variable
TOKEN_FILE = "serve.token"  # noqa: S105  # the name of a file


Http = Annotated[
    str | None,
    typer.Option(
        metavar="[HOST:]PORT",
        help="Serve over streamable HTTP instead of stdio. Requests need a bearer token: the one "
        f"in ${TOKEN_VARIABLE}, else one that is made and kept in a file.",
    ),
]
AllowAlways = Annotated[
    bool,
    typer.Option(
        "--allow-always",
        help="Let clients over HTTP approve a tool for ever, as those over stdio can.",
    ),
]


def serve(
    config: options.Config = None,
    sdk: options.Sdks = None,
    allow: options.Allow = None,
    ask: options.Ask = None,
    deny: options.Deny = None,
    with_packages: options.With = "",
    engine: options.Engine = "",
    inputs: Inputs = None,
    http: Http = None,
    suspend: options.Suspend = False,
    allow_always: AllowAlways = False,
    programs_as_tools: Annotated[
        bool,
        typer.Option("--programs-as-tools", help="Offer each saved program as a tool of its own."),
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Build SDKs anew that were built before.")
    ] = False,
    rerank: options.Rerank = False,
) -> int:
    """Serve code mode as an MCP server, for any MCP host.

    Its tools search, read, check and run. SDKs that are missing are built first, in the background.
    Over stdio, stdout belongs to the protocol. Exit code 0: the client has gone. 2: wrong usage or
    configuration.
    """
    endpoint = _endpoint(http)
    options.check_rerank(rerank)
    listed, files = read_inputs(inputs or ())
    spec = RunSpec(
        title="serve",
        config=str(config.absolute()) if config else None,
        sdk=sdk or (),
        allow=allow or (),
        ask=ask or (),
        deny=deny or (),
        packages=options.importable(with_packages),
        engine=engine,
        inputs=tuple(listed),
    )
    # A host starts this in the folder of any project that is opened.
    heed_only_trusted_files()
    resolved = _others(spec.resolved())
    policy = spec.policy(resolved)
    # Tools are known once the SDKs are there; names of servers now, before any client waits.
    check_policy(policy, (), spec.servers(resolved))

    prepare = _preparing(spec, resolved, policy, files, update=update, rerank=rerank)
    server = _server(
        spec,
        resolved,
        prepare,
        suspend=suspend,
        programs_as_tools=programs_as_tools,
        # Over stdio, whoever answers started this process.
        allow_always=allow_always or endpoint is None,
    )
    return _served(server, endpoint)


def _servers(resolved: Resolved | None) -> list[str]:
    if resolved is None:
        return [sdk.key for sdk in at_hand(Path.cwd()).sdks]
    return [source.name for source in resolved.sources]


def _server(
    spec: RunSpec,
    resolved: Resolved | None,
    prepare: Callable[[Callable[[str], None]], ExecutorOptions],
    *,
    suspend: bool,
    programs_as_tools: bool,
    allow_always: bool,
) -> MCPServer[None]:
    # Deferred: it imports mcp, which takes a second that no other verb should.
    from mcp_sdkgen_codemode.serve import Suspension, code_mode

    suspension = Suspension(_suspended(), spec.as_json(), older_folders()) if suspend else None
    library = Library() if programs_as_tools else None
    return code_mode(
        prepare,
        servers=_servers(resolved),
        suspension=suspension,
        library=library,
        allow_always=allow_always,
    )


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
        _say(f"ready: {counted(len(sdks), 'SDK')}")
        return executor_options

    return prepare


def _provisioned(
    spec: RunSpec, resolved: Resolved | None, tell: Callable[[str], None], *, update: bool
) -> Provisioned:
    """The SDKs, built where need be. What is told of that goes to the client and to stderr."""

    def on_progress(step: Progress) -> None:
        words = f"{terminal(step.server)}: {step.stage}"
        tell(words)
        _say(words)

    found = spec.provision(resolved, update=update, on_progress=on_progress)
    for line in [*found.notes, *_missing(found)]:
        _say(line)
    return found


def _missing(provisioned: Provisioned) -> tuple[str, ...]:
    """What to know of servers that are not as they should be."""
    built = {sdk.key for sdk in provisioned.sdks}
    return tuple(
        terminal(
            f"{one.server} "
            + ("has its SDK of before" if one.server in built else "is missing")
            + f", and is tried again with later calls: {one.error}"
        )
        for one in provisioned.failed
    )


def _suspended() -> Path:
    folder = suspended_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _served(server: MCPServer[None], endpoint: tuple[str, int] | None) -> int:
    if endpoint is None:
        if sys.stdin.isatty():
            _say("this speaks MCP over stdin and stdout; a program starts it. Ctrl-D ends it")
        anyio.run(server.run_stdio_async)
        return 0
    from mcp_sdkgen_codemode.serve import Endpoint, serve_http

    host, port = endpoint
    token, origin = _token()
    try:
        place = Endpoint(token, host, port)
    except ValueError as error:
        raise ConfigError(f"{origin}: {error}", hint="choose another, or remove it") from None
    # Not the token itself: what is printed here may end up in a log that others read.
    _say(f"requests need the header 'Authorization: Bearer TOKEN'; TOKEN is what {origin} holds")
    try:
        anyio.run(partial(serve_http, server, place, lambda url: _say(f"serving at {url}")))
    except OSError as error:
        raise ConfigError(
            f"--http {host}:{port}: {error.strerror}", hint="choose another port"
        ) from None
    return 0


def _token() -> tuple[str, str]:
    """The bearer token, and where it is: given by the user, else made once and kept."""
    given = os.environ.get(TOKEN_VARIABLE, "")
    if given:
        return given, f"${TOKEN_VARIABLE}"
    path = state_folder() / TOKEN_FILE
    try:
        kept = own_secret(path, lambda: secrets.token_urlsafe(32).encode())
    except OSError as error:
        raise ConfigError(
            f"the bearer token cannot be kept: {error}",
            hint=f"remove that file, or set ${TOKEN_VARIABLE}",
        ) from None
    return kept.decode("ascii", "replace").strip(), shown_path(path)


def _endpoint(http: str | None) -> tuple[str, int] | None:
    if http is None:
        return None
    host, _, port = http.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"--http {http}: no port", hint="write 8000, or 127.0.0.1:8000")
    return host.strip("[]") or "127.0.0.1", int(port)


def _others(resolved: Resolved | None) -> Resolved | None:
    """Without the entries that are this very command: it would start itself for ever."""
    if resolved is None:
        return None
    others = []
    for source in resolved.sources:
        if isinstance(source, ServerSource) and is_served(
            source.config.command, source.config.args
        ):
            _say(f"{source.name} is left out: it is mcp-sdkgen serve itself")
        else:
            others.append(source)
    return replace(resolved, sources=tuple(others))


def _say(words: str) -> None:
    stderr.print(safe(f"mcp-sdkgen: {words}"), soft_wrap=True)
