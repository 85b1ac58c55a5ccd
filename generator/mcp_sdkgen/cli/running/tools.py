"""`mcp-sdkgen tools`"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import anyio
import anyio.to_thread
import typer
from mcp_sdkgen_codemode.catalog import Sdk, index
from mcp_sdkgen_codemode.prompting.answers import page
from mcp_sdkgen_runtime.schema.definitions import ASKS, asks

from ...config.settings import DEFAULT_OUT
from ...emit.generate import generate
from ...errors import ConfigError
from ...live.server import without_server
from ...lock.lock import LockResult, Progress, ask
from ...package.write import put
from ...snapshot import Snapshot
from ...source import Resolved, Source, resolve, run_sync
from .. import options
from ..show import error_lines, errors, lines, note, print_json, safe, stderr, stdout
from ..show_work import ShownProgress, progress
from .one_server import one_server

FORMAT = "mcp-sdkgen/tools/1"


def tools(
    context: typer.Context,
    server: Annotated[
        str | None,
        typer.Argument(
            metavar="SERVER",
            help="A server of the configuration, a URL, or a saved list; SERVER.TOOL shows one "
            "tool; after --, the command of a stdio server that is called so. Without it, all of "
            "the configuration.",
            show_default=False,
        ),
    ] = None,
    tool: Annotated[
        str | None,
        typer.Argument(
            metavar="TOOL", help="Show this tool in full, with all classes.", show_default=False
        ),
    ] = None,
    config: options.Config = None,
    from_client: options.From = None,
    timeout: options.Timeout = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Without SERVER: ask the servers that have a lock, too."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """List what servers can do, as Python would call it, without building an SDK.

    Without SERVER, servers that have a lock, as `build` writes it, are listed from it, and each
    other one once it has answered. `[asks]`: nothing says what a tool does, so programs call it
    with approval. For a server that is not configured: `tools NAME -- COMMAND ARGS…`. Exit code 0:
    listed. 1: some servers did not answer. 2: wrong usage or configuration.
    """
    sources, found, tool = _named(context, server, tool, config, from_client)
    for words in found.notes:
        note(words)
    together = as_json or tool is not None
    taken = _taken(sources, found, update or server is not None, timeout, not together)
    if together:
        for result in taken:
            _show_failure(result)
        _show_together(taken, tool, as_json=as_json)
    return int(any(result.snapshot is None for result in taken))


def _taken(
    sources: Sequence[Source],
    found: Resolved,
    update: bool,
    timeout_s: float | None,
    as_answered: bool,
) -> list[LockResult]:
    """What became of each source, which is shown once it has answered if that is wanted."""
    locked: list[str] = []
    with progress() as shown:

        def on_progress(step: Progress) -> None:
            if step.message == "locked":
                locked.append(step.server)
            shown(step)

        ask_for = partial(
            ask,
            sources,
            found.out or DEFAULT_OUT,
            update=update,
            packages=found.packages,
            timeout_s=timeout_s or found.timeout_s,
            on_progress=on_progress,
        )
        if as_answered:
            taken = run_sync(partial(_shown_as_answered, ask_for, shown))
        else:
            taken = run_sync(ask_for)
    if locked and stderr.is_terminal:  # where progress has told it, and is shown no more
        note(f"listed from their locks, and not asked: {', '.join(locked)}; --update asks them")
    return taken


def _named(
    context: typer.Context,
    server: str | None,
    tool: str | None,
    config: Path | None,
    from_client: str | None,
) -> tuple[tuple[Source, ...], Resolved, str | None]:
    """The sources that a command line names, their configuration, and the tool. Raises
    `ConfigError`."""
    if server is None and context.obj is None:
        found = resolve([str(config)] if config else [], from_client=from_client)
        return found.sources, found, tool
    if server is None:
        raise ConfigError("a command needs a name", hint="tools NAME -- COMMAND")
    one = one_server(context, server, config, from_client)
    if one.tool and tool is not None:
        raise ConfigError(
            f"{server!r} and {tool!r} both name a tool", hint=f"write: {one.source.name} {tool}"
        )
    return (one.source,), one.found, one.tool or tool


async def _shown_as_answered(
    ask_for: Callable[..., Awaitable[list[LockResult]]], shown: ShownProgress
) -> list[LockResult]:
    """Show the tools of each server once it has answered, or why it has not."""
    failures: list[Exception] = []
    one_at_a_time = anyio.Lock()

    def show(result: LockResult) -> None:
        with shown.aside():
            _show_failure(result)
            for entry in _entries(result):
                _print_entry(entry)

    with anyio.CancelScope() as scope:

        async def answered(result: LockResult) -> None:
            async with one_at_a_time:
                try:
                    await anyio.to_thread.run_sync(show, result)
                except Exception as failure:  # it would reach the caller as a group of errors
                    failures.append(failure)
                    scope.cancel()

        taken = await ask_for(on_result=answered)
    if failures:
        raise failures[0]
    return taken


def _show_failure(result: LockResult) -> None:
    if result.snapshot is None:
        for line in error_lines(result.failure):
            errors.print(line, soft_wrap=True)


def _show_together(taken: Iterable[LockResult], tool: str | None, *, as_json: bool) -> None:
    """Show them all, in the order of the configuration, or the page of one tool."""
    if as_json or tool is None:
        listed = [entry for result in taken for entry in _entries(result, tool)]
        print_json({"format": FORMAT, "tools": listed})
        return
    for result in taken:
        if result.snapshot is not None:
            with _unbuilt(result.snapshot) as (sdk, wires):
                text = _page(sdk, wires, tool)
            stdout.print(lines(text.rstrip("\n")), soft_wrap=True)


def _entries(result: LockResult, tool: str | None = None) -> list[dict[str, Any]]:
    """The tools of a server, or one of them, as catalogs and models are shown them: by the files
    that an SDK would have. Raises `ConfigError` for a tool that there is not."""
    snapshot = result.snapshot
    if snapshot is None:
        return []
    definitions = {one.name: one.definition for one in snapshot.tools}
    with _unbuilt(snapshot) as (sdk, wires):
        by_method = {method: wire for wire, method in wires.items()}
        if tool is not None:
            _page(sdk, wires, tool)
            method = _method(sdk, wires, tool)
            if method not in by_method:
                raise ConfigError(f"{tool!r} is no tool", hint="its page is shown without --json")
            by_method = {method: by_method[method]}
        return [
            {
                **asdict(entry),
                "server": snapshot.server,
                "tool": wire,
                "definition": definitions[wire],
            }
            for entry in index([sdk])
            if (wire := by_method.get(entry.name.partition(".")[2])) is not None
        ]


def _method(sdk: Sdk, wires: Mapping[str, str], tool: str) -> str:
    asked = tool if tool in wires else without_server(tool, sdk.server)
    return wires.get(asked, asked)


def _page(sdk: Sdk, wires: Mapping[str, str], tool: str) -> str:
    try:
        return page(f"{sdk.parts.instance}.{_method(sdk, wires, tool)}", [sdk])
    except LookupError as error:
        raise ConfigError(str(error)) from None


def _print_entry(entry: Mapping[str, Any]) -> None:
    stdout.print(safe(entry["signature"], "bold"), soft_wrap=True)
    mark = ASKS if asks(entry["definition"]) else ""
    words = " ".join(filter(None, (entry["summary"], mark)))
    if words:
        stdout.print(safe(f"    {words}"), soft_wrap=True)


@contextmanager
def _unbuilt(snapshot: Snapshot) -> Iterator[tuple[Sdk, dict[str, str]]]:
    """The SDK that would be built, as files that can be read, and its methods by wire name."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        generated = generate(snapshot)
        for path, text in generated.files.items():
            put(folder, f"{generated.slug}/{path}", text)
        package = folder / generated.slug / generated.package
        sdk = Sdk(snapshot.server, generated.package, generated.slug, generated.version, package)
        yield sdk, dict(generated.methods)
