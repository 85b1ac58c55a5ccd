"""`mcp-sdkgen tools`"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from mcp_sdkgen_codemode.catalog import Sdk, index
from mcp_sdkgen_codemode.prompting.answers import page
from mcp_sdkgen_runtime.schema.definitions import only_reads

from ...config.settings import DEFAULT_OUT
from ...emit.generate import generate
from ...errors import ConfigError
from ...live.server import without_server
from ...lock.lock import take_snapshots
from ...lower.tool import marks_of
from ...package.write import put
from ...snapshot import Snapshot
from ...source import Source, resolve
from .. import options
from ..show import error_lines, lines, print_json, safe, stderr, stdout
from ..show_work import progress
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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """List what servers can do, as Python would call it, without building an SDK.

    `[asks]`: nothing says what a tool does, so programs call it with approval. For a server that
    is not configured: `tools NAME -- COMMAND ARGS…`. Exit code 0: listed. 1: some servers did not
    answer. 2: wrong usage or configuration.
    """
    if server is None and context.obj is None:
        found = resolve([str(config)] if config else [], from_client=from_client)
        sources: tuple[Source, ...] = found.sources
    elif server is None:
        raise ConfigError("a command needs a name", hint="tools NAME -- COMMAND")
    else:
        one = one_server(context, server, config, from_client)
        sources, found = (one.source,), one.found
        if one.tool and tool is not None:
            raise ConfigError(
                f"{server!r} and {tool!r} both name a tool", hint=f"write: {one.source.name} {tool}"
            )
        tool = one.tool or tool
    for note in found.notes:
        stderr.print(safe(f"note: {note}"), soft_wrap=True)
    with progress() as tell:
        taken = take_snapshots(
            sources,
            found.out or DEFAULT_OUT,
            packages=found.packages,
            timeout_s=timeout or found.timeout_s,
            on_progress=tell,
        )
    failures = [one.failure for one in taken if one.snapshot is None]
    for line in (line for failure in failures for line in error_lines(failure)):
        stderr.print(line, soft_wrap=True)
    snapshots = [one.snapshot for one in taken if one.snapshot is not None]
    with TemporaryDirectory() as folder:
        _show(snapshots, Path(folder), tool, as_json=as_json)
    return int(bool(failures))


def _show(snapshots: Iterable[Snapshot], folder: Path, tool: str | None, *, as_json: bool) -> None:
    """Show them as catalogs and models do: by the files that an SDK would have."""
    listed: list[dict[str, Any]] = []
    for snapshot in snapshots:
        sdk, wires = _unbuilt(snapshot, folder)
        methods = {method: wire for wire, method in wires.items()}
        if tool is not None:
            asked = tool if tool in wires else without_server(tool, snapshot.server)
            method = wires.get(asked, asked)
            try:
                text = page(f"{sdk.parts.instance}.{method}", [sdk])
            except LookupError as error:
                raise ConfigError(str(error)) from None
            if not as_json:
                stdout.print(lines(text.rstrip("\n")), soft_wrap=True)
                continue
            if method not in methods:
                raise ConfigError(f"{tool!r} is no tool", hint="its page is shown without --json")
            methods = {method: methods[method]}
        definitions = {one.name: one.definition for one in snapshot.tools}
        for entry in index([sdk]):
            wire = methods.get(entry.name.partition(".")[2])
            if wire is None:
                continue  # another than the one that was asked for
            listed.append(
                {
                    **asdict(entry),
                    "server": snapshot.server,
                    "tool": wire,
                    "definition": definitions[wire],
                }
            )
    if as_json:
        print_json({"format": FORMAT, "tools": listed})
        return
    for one in listed:
        stdout.print(safe(one["signature"], "bold"), soft_wrap=True)
        words = " ".join(filter(None, (one["summary"], _mark(one["definition"]))))
        if words:
            stdout.print(safe(f"    {words}"), soft_wrap=True)


def _mark(definition: Mapping[str, Any]) -> str:
    """For a tool whose annotations do not say whether it reads: its summary has no mark, and
    programs call it with approval all the same."""
    hints = definition.get("annotations")
    is_reader = isinstance(hints, Mapping) and only_reads(hints)
    return "" if is_reader or marks_of(definition) else "[asks]"


def _unbuilt(snapshot: Snapshot, folder: Path) -> tuple[Sdk, dict[str, str]]:
    """The SDK that would be built, as files that can be read, and its methods by wire name."""
    generated = generate(snapshot)
    for path, text in generated.files.items():
        put(folder, f"{generated.slug}/{path}", text)
    package = folder / generated.slug / generated.package
    sdk = Sdk(snapshot.server, generated.package, generated.slug, generated.version, package)
    return sdk, dict(generated.methods)
