"""`mcp-sdkgen serve`"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer
from mcp_sdkgen_codemode import Policy, Sdk, installed
from mcp_sdkgen_codemode.catalog import check_keys, chosen
from mcp_sdkgen_codemode.executor.executor import ExecutorOptions
from mcp_sdkgen_codemode.library.library import Library
from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore
from mcp_sdkgen_codemode.tool_search.embeddings import prepare as encode
from mcp_sdkgen_runtime.files import data_folder

from ...config import nearest
from ...config.install import is_served
from ...errors import ConfigError
from ...lock.lock import Progress
from ...provision.provision import Provisioned, supply
from ...source import Resolved, ServerSource, resolve
from ...text import terminal
from .. import options
from ..running.approve import older_folders, suspended_folder
from ..running.run import Allow, Ask, Deny, RunSpec
from ..show import counted, safe, stderr

if TYPE_CHECKING:
    from mcp_sdkgen_codemode.serve import Kit, MCPServer

TOKEN_VARIABLE = "MCP_SDKGEN_SERVE_TOKEN"  # noqa: S105  # the name of a variable


Http = Annotated[
    str | None,
    typer.Option(
        metavar="[HOST:]PORT",
        help="Serve over streamable HTTP instead of stdio. Other hosts than this one need a "
        f"bearer token in ${TOKEN_VARIABLE}.",
    ),
]
Suspend = Annotated[
    bool,
    typer.Option(
        "--suspend",
        "--park",
        help="Where nobody can be asked, keep the run for `mcp-sdkgen approve` instead of "
        "refusing the call.",
    ),
]


def serve(
    config: options.Config = None,
    sdk: options.Sdks = None,
    allow: Allow = None,
    ask: Ask = None,
    deny: Deny = None,
    with_packages: options.With = "",
    engine: options.Engine = "",
    http: Http = None,
    suspend: Suspend = False,
    programs_as_tools: Annotated[
        bool,
        typer.Option("--programs-as-tools", help="Offer each kept program as a tool of its own."),
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
    order = RunSpec(
        title="serve",
        config=str(config.absolute()) if config else None,
        sdk=sdk or (),
        allow=allow or (),
        ask=ask or (),
        deny=deny or (),
        packages=options.listed(with_packages),
        engine=engine,
    )
    found = _others(resolve([str(config)])) if config is not None else None
    policy = _policy(found, order)

    # Deferred: it imports mcp, which takes a second that no other verb should.
    from mcp_sdkgen_codemode.serve import Suspension, code_mode

    anew = [update]  # once, and not again where servers that were missing are tried again

    def prepare(tell: Callable[[str], None]) -> Kit:
        again = anew.pop() if anew else False
        return _kit(found, order, policy, tell, update=again, rerank=rerank)

    suspension = Suspension(_suspended(), asdict(order), older_folders()) if suspend else None
    names = [source.name for source in found.sources] if found else [s.key for s in installed()]
    library = Library() if programs_as_tools else None
    server = code_mode(prepare, servers=names, suspension=suspension, library=library)
    return _served(server, endpoint)


def _kit(
    found: Resolved | None,
    order: RunSpec,
    policy: Policy,
    tell: Callable[[str], None],
    *,
    update: bool,
    rerank: bool,
) -> Kit:
    """What programs may use, with SDKs built where need be."""
    from mcp_sdkgen_codemode.serve import Kit

    made, notes = _supplied(found, tell, update=update)
    sdks = _chosen(made, list(order.sdk))
    if rerank:
        tell("loading the model of search")
        encode(sdks, lambda done, of: tell(f"search: {done} of {of} new texts encoded"))
    given = ExecutorOptions(
        sdks=sdks,
        bindings=made.bindings,
        policy=policy,
        approved=ApprovalStore(data_folder() / "approvals.json"),
        packages=order.packages,
        engine=order.engine,
        library=Library(),
        rerank=rerank,
    )
    _say(f"ready: {counted(len(sdks), 'SDK')}")
    return Kit(given, notes)


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
    try:
        place = Endpoint(host, port, os.environ.get(TOKEN_VARIABLE, ""))
    except ValueError as error:
        raise ConfigError(str(error), hint=f"set ${TOKEN_VARIABLE}, or use 127.0.0.1") from None
    try:
        anyio.run(partial(serve_http, server, place, lambda url: _say(f"serving at {url}")))
    except OSError as error:
        raise ConfigError(
            f"--http {host}:{port}: {error.strerror}", hint="choose another port"
        ) from None
    return 0


def _endpoint(http: str | None) -> tuple[str, int] | None:
    if http is None:
        return None
    host, _, port = http.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"--http {http}: no port", hint="write 8000, or 127.0.0.1:8000")
    return host.strip("[]") or "127.0.0.1", int(port)


def _others(found: Resolved) -> Resolved:
    """Without the entries that are this very command: it would start itself for ever."""
    kept = []
    for source in found.sources:
        if isinstance(source, ServerSource) and is_served(
            source.config.command, source.config.args
        ):
            _say(f"{source.name} is left out: it is mcp-sdkgen serve itself")
        else:
            kept.append(source)
    return replace(found, sources=tuple(kept))


def _policy(found: Resolved | None, order: RunSpec) -> Policy:
    near = nearest(Path.cwd()) if found is None else None
    table = found.policy if found is not None else (near.policy if near is not None else {})
    try:
        given = Policy.of(allow=order.allow, ask=order.ask, deny=order.deny)
        return Policy.read(table) | given
    except ValueError as error:
        raise ConfigError(str(error), hint="for example --allow 'github/get_*'") from None


def _supplied(
    found: Resolved | None, tell: Callable[[str], None], *, update: bool
) -> tuple[Provisioned, tuple[str, ...]]:
    """The SDKs of a configuration, else those installed, and what to know of the others."""
    if found is None:
        return Provisioned(installed()), ()

    def on_progress(step: Progress) -> None:
        words = f"{terminal(step.server)}: {step.stage}"
        tell(words)
        _say(words)

    made = supply(found.sources, update=update, on_progress=on_progress)
    there = {sdk.key for sdk in made.sdks}
    lost = [
        f"{one.server} "
        + ("has its SDK of before" if one.server in there else "is missing")
        + f", and is tried again with later calls: {one.error}"
        for one in made.failed
    ]
    for line in [*made.notes, *lost]:
        _say(line)
    return made, tuple(terminal(line) for line in lost)


def _chosen(made: Provisioned, names: list[str] | None) -> tuple[Sdk, ...]:
    try:
        sdks = chosen(names, made.sdks) if names else made.sdks
        check_keys(sdks)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if not sdks:
        lost = "; ".join(f"{one.server}: {one.error}" for one in made.failed)
        raise ConfigError(
            f"there is no SDK{': ' + lost if lost else ''}",
            hint="name a configuration with --config mcp.json, or install SDKs",
        )
    return sdks


def _say(words: str) -> None:
    stderr.print(safe(f"mcp-sdkgen: {words}"), soft_wrap=True)
