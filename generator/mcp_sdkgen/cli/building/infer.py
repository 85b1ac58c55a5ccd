"""`mcp-sdkgen infer`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ...errors import ConfigError, SdkgenError
from ...lock.lock import load_lock, lock_path, out_folder, sdk_folder, write_lock
from ...lock.versioning import learn
from ...observed.collect import FILE_NAME
from ...observed.infer import Inferred, Recorded, recordings
from ...observed.infer import infer as infer_types
from ...source import resolve
from .. import options
from ..show import counted, error_lines, print_json, safe, stderr, stdout

FORMAT = "mcp-sdkgen/inferred/1"


def infer(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help=f"Recorded shapes of answers; every OUT/*/{FILE_NAME} if none is named.",
            show_default=False,
        ),
    ] = None,
    config: options.Config = None,
    out: options.Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Give types to tools that declare none, from recorded answers.

    The types go into the locks, OUT/SERVER/snapshot.json; the next `build` uses them. A tool with
    answers in the files gets its type from them, whatever it had before; other tools keep theirs.
    Exit code 0: all locks were written. 1: some were not, or a file is not a recording. 2: wrong
    usage.
    """
    folder = out or _configured_out(config)
    named = files or _recordings_in(folder)
    if not named:
        raise ConfigError(
            f"no file was named, and there is no {folder}/*/{FILE_NAME}",
            hint="record answers with `mcp-sdkgen observe`, or run a program with "
            "MCP_SDKGEN_OBSERVE=FILE; or name the folder of the SDKs with --out",
        )
    by_server: dict[str, list[Recorded]] = {}
    for path in named:
        for answer in recordings(path):
            by_server.setdefault(answer.server, []).append(answer)
    results = []
    for server, answers in sorted(by_server.items()):
        try:
            results.append(_infer(server, answers, folder, quiet=as_json))
        except SdkgenError as error:
            results.append({"server": server, "error": str(error), "hint": error.hint})
            for line in error_lines(error):
                stderr.print(line, soft_wrap=True)
    code = int(any("error" in result for result in results))
    if as_json:
        data = {"format": FORMAT, "exit_code": code, "servers": results}
        print_json(data)
    return code


def _configured_out(config: Path | None) -> Path:
    try:
        found = resolve([str(config)] if config is not None else [])
    except ConfigError:
        if config is not None:
            raise
        found = None  # no configuration is needed here
    return out_folder(None, found)


def _recordings_in(folder: Path) -> list[Path]:
    """The recordings beside the SDKs. Raises `ConfigError` for what is no regular file, such as a
    link or a pipe, which may have come with a project."""
    there = sorted(folder.glob(f"*/{FILE_NAME}"))
    for path in there:
        if path.is_symlink() or not path.is_file():
            raise ConfigError(f"{path}: is no regular file", hint="remove it, or name other files")
    return there


def _infer(server: str, answers: list[Recorded], folder: Path, *, quiet: bool) -> dict[str, Any]:
    path = sdk_folder(folder, server)
    lock = load_lock(lock_path(folder, server))
    found = infer_types(lock, answers)
    learnt, drift = learn(lock, {one.tool: one.observation for one in found if one.is_known})
    path = write_lock(path, learnt)
    if not quiet:
        for one in found:
            stdout.print(safe(_line(server, one)), soft_wrap=True)
        what = "unchanged" if not drift else f"version {learnt.releases[0].version}"
        then = "; `mcp-sdkgen build` makes the SDK" if drift else ""
        stdout.print(safe(f"{server}: {what} → {path}{then}"), soft_wrap=True)
    return {
        "server": server,
        "lock": str(path),
        "tools": [_facts(one) for one in found],
        "changes": drift.to_json(),
    }


def _line(server: str, one: Inferred) -> str:
    answers = counted(one.answers, "answer")
    if one.observation is not None:
        words = f"typed, from {counted(one.observation.samples, 'answer')}"
        return f"{server}.{one.tool}: {words}" + (f" ({one.note})" if one.note else "")
    words = f"not typed: {answers}" if one.is_known else "left alone"
    return f"{server}.{one.tool}: {words}: {one.note}"


def _facts(one: Inferred) -> dict[str, Any]:
    found = one.observation
    return {
        "tool": one.tool,
        "answers": one.answers,
        "samples": found.samples if found is not None else 0,
        "schema": found.schema if found is not None else None,
        "note": one.note,
    }
