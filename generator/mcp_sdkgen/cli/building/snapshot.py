"""`mcp-sdkgen snapshot`"""

from __future__ import annotations

import typer

from ...errors import ConfigError
from ...lock.lock import out_folder, sdk_folder, take_snapshots, write_lock
from .. import options
from ..show import counted, error_lines, safe, stderr, stdout
from ..show_work import progress


def snapshot(
    context: typer.Context,
    sources: options.Sources = None,
    config: options.Config = None,
    name: options.Name = None,
    from_client: options.From = None,
    out: options.Out = None,
    timeout: options.Timeout = None,
) -> int:
    """Ask servers for their tools, and write the locks for `build`.

    Each goes to OUT/SERVER/snapshot.json; with `--out -` a single one is printed. Exit code 0: all
    were taken. 1: some failed. 2: wrong usage or configuration.
    """
    found = options.resolved(context, sources, config, name, from_client)
    printed = str(out) == "-"
    if printed and len(found.sources) != 1:
        raise ConfigError("--out - needs exactly one server", hint="pick one with --name")
    folder = None if printed else out_folder(out, found)
    with progress() as tell:
        taken = take_snapshots(
            found.sources,
            folder,
            packages=found.packages,
            timeout_s=timeout or found.timeout_s,
            on_progress=tell,
        )
    failed = 0
    for one in taken:
        if one.snapshot is None:
            failed += 1
            for line in error_lines(one.failure):
                stderr.print(line, soft_wrap=True)
        elif printed:
            stdout.file.write(one.snapshot.dumps())
        else:
            path = write_lock(sdk_folder(folder, one.name), one.snapshot)
            what = f"{counted(len(one.snapshot.tools), 'tool')}, {one.snapshot.digest[:15]}"
            stdout.print(safe(f"{one.name}: {what} → {path}"), soft_wrap=True)
    return int(failed > 0)
