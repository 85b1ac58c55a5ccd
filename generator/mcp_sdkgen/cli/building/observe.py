"""`mcp-sdkgen observe`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ...errors import ConfigError
from ...lock.lock import load_lock, lock_path, out_folder, sdk_folder, take_snapshots
from ...observed.collect import FILE_NAME, Answered, Call, observable
from ...observed.collect import observe as call_and_record
from ...snapshot import Snapshot
from ...source import ServerSource
from .. import options
from ..show import counted, safe, stderr, stdout
from ..show_work import progress

_WORDS = {
    "structured": "structured content",
    "json": "JSON in its text",
    "blocks": "a list, each item JSON in a text of its own",
    "text": "plain text",
    "media": "images, sounds or resources",
    "empty": "nothing",
}


def observe(
    context: typer.Context,
    sources: options.Sources = None,
    config: options.Config = None,
    name: options.Name = None,
    from_client: options.From = None,
    call: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'TOOL {JSON}'", help="A call to make: a tool and its arguments. Repeatable."
        ),
    ] = None,
    allow_writes: Annotated[
        bool,
        typer.Option("--allow-writes", help="Also call tools not annotated as read-only."),
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option(help=f"File to add to; OUT/SERVER/{FILE_NAME} if unset.", show_default=False),
    ] = None,
    out: options.Out = None,
    timeout: options.Timeout = None,
) -> int:
    """Call tools without output schema, and record result shapes.

    Only the shapes of answers are recorded, never their values. `mcp-sdkgen infer` makes types of
    what was recorded. Exit code 0: all calls were recorded. 1: some failed. 2: wrong usage or
    configuration.
    """
    found = options.resolved(context, sources, config, name, from_client)
    if len(found.sources) != 1 or not isinstance(found.sources[0], ServerSource):
        raise ConfigError("observe needs exactly one live server", hint="pick one with --name")
    source = found.sources[0]
    calls = [Call.of(text) for text in call or ()]
    sdks = out_folder(out, found)
    target = into or _beside(sdk_folder(sdks, source.name))
    lock = load_lock(lock_path(sdks, source.name))
    with progress() as tell:
        taken = take_snapshots([source], None, timeout_s=timeout, on_progress=tell)[0]
    if taken.snapshot is None:
        raise taken.failure
    # By the rules of the SDK that the types are for.
    snapshot = replace(taken.snapshot, edition=lock.edition)
    if not calls:
        return _nothing_called(snapshot)
    _check_locked(lock, snapshot, {one.tool for one in calls})
    answered = call_and_record(
        source,
        snapshot,
        calls,
        target,
        allow_writes=allow_writes,
        timeout_s=timeout or 60.0,
        on_answer=_tell,
    )
    good = sum(not one.problem for one in answered)
    stdout.print(safe(f"{counted(good, 'answer')} → {target}"), soft_wrap=True)
    return int(good < len(answered))


def _beside(folder: Path) -> Path:
    """The file for the shapes of a server's answers, beside its SDK. Raises `ConfigError` for a
    link or a pipe there, which may have come with a project."""
    path = folder / FILE_NAME
    for place in (folder, path):
        if place.is_symlink() or (place == path and path.exists() and not path.is_file()):
            kind = "a link" if place.is_symlink() else "no regular file"
            raise ConfigError(f"{place}: is {kind}", hint="remove it, or name a file with --into")
    return path


def _tell(one: Answered) -> None:
    if one.problem:
        stderr.print(safe(f"{one.call.tool}: not recorded: {one.problem}", "red"), soft_wrap=True)
    else:
        stderr.print(safe(f"{one.call.tool}: {_WORDS[one.read]}"), soft_wrap=True)


def _nothing_called(snapshot: Snapshot) -> int:
    if any(observable(snapshot)):
        raise ConfigError("there is nothing to call: give a --call", hint=_offer(snapshot))
    words = f"nothing to observe: every tool of {snapshot.server} declares what it returns"
    stdout.print(safe(words), soft_wrap=True)
    return 0


def _offer(snapshot: Snapshot) -> str:
    names: dict[bool, list[str]] = {True: [], False: []}
    for tool, read_only in observable(snapshot):
        names[read_only].append(tool.name)
    others = ", ".join(names[False])
    return f"tools without an output schema: {', '.join(names[True]) or 'none'}" + (
        f"; and with --allow-writes, since they are not annotated as read-only: {others}"
        if others
        else ""
    )


def _check_locked(lock: Snapshot, fresh: Snapshot, called: set[str]) -> None:
    locked = {(tool.name, tool.digest) for tool in lock.tools}
    for tool in fresh.tools:
        if tool.name in called and (tool.name, tool.digest) not in locked:
            raise ConfigError(
                f"{fresh.server}.{tool.name} has changed since its lock was written",
                hint="take the new definition with `mcp-sdkgen build --update` first",
            )
