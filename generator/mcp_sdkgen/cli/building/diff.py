"""`mcp-sdkgen diff`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ...drift import Drift, compare, render_text
from ...errors import ConfigError, SdkgenError
from ...lock.lock import load_lock, lock_path, take_snapshots
from ...snapshot import Snapshot
from .. import options
from ..show import error_lines, print_json, safe, say, stderr, stdout
from ..show_work import progress

FORMAT = "mcp-sdkgen/drift/1"

_STYLES = {"breaking": "red", "compatible": "green", "text": "dim"}


def diff(
    context: typer.Context,
    sources: options.Sources = None,
    config: options.Config = None,
    name: options.Name = None,
    from_client: options.From = None,
    out: options.Out = None,
    lock: Annotated[
        Path | None,
        typer.Option(help="Compare with this snapshot; the lock in OUT/SERVER if unset."),
    ] = None,
    timeout: options.Timeout = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Say what changed since the locks, and if it breaks callers.

    Exit code 0: the same. 1: drift. 2: an error, which never looks like drift.
    """
    try:
        return _diff(context, sources, config, name, from_client, out, lock, timeout, as_json)
    except SdkgenError as error:
        for line in error_lines(error):
            stderr.print(line, soft_wrap=True)
        return 2


def _diff(
    context: typer.Context,
    sources: list[str] | None,
    config: Path | None,
    name: str | None,
    from_client: str | None,
    out: Path | None,
    lock: Path | None,
    timeout: float | None,
    as_json: bool,
) -> int:
    found = options.resolved(context, sources, config, name, from_client)
    folder = out or found.out
    if lock is not None and len(found.sources) != 1:
        raise ConfigError("--lock needs exactly one server", hint="pick one with --name")
    with progress() as tell:
        taken = take_snapshots(
            found.sources, None, timeout_s=timeout or found.timeout_s, on_progress=tell
        )
    code = 0
    result: list[dict[str, Any]] = []
    for one in taken:
        try:
            if one.snapshot is None:
                raise one.failure
            old = load_lock(lock or lock_path(folder, one.name))
            drift = compare(old, one.snapshot)
        except SdkgenError as error:
            code = 2
            result.append({"server": one.name, "error": str(error), "hint": error.hint})
            for line in error_lines(error):
                stderr.print(line, soft_wrap=True)
            continue
        result.append({"server": one.name, **_facts(old, one.snapshot, drift)})
        if drift and code == 0:
            code = 1
        if not as_json:
            _show(one.name, drift)
    if as_json:
        data = {"format": FORMAT, "exit_code": code, "servers": result}
        print_json(data)
    return code


def _facts(old: Snapshot, new: Snapshot, drift: Drift) -> dict[str, Any]:
    return {"old_digest": old.digest, "new_digest": new.digest, **drift.to_json()}


def _show(server: str, drift: Drift) -> None:
    stdout.print(safe(server, "bold"), soft_wrap=True)
    for line in render_text(drift):
        words = line.split()
        style = _STYLES.get(words[0].rstrip(":"), "") if words else ""
        say(stdout, safe(f"  {line}", style), hanging=6)
