"""What comes after a build: its server is kept for programs, and the next command is named."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from mcp_sdkgen_runtime.config.display import shown_path

from ...config import Transport, nearest
from ...errors import ConfigError
from ...provision.at_hand import out_folders, trust_sdks
from ...report import Report
from ...source import ServerSource, Source
from ..show import safe, stderr
from .add import add_command, add_to_project, entry_of


def trust_built(report: Report) -> None:
    """Let programs that are begun here use what this user has built."""
    built = [one for one in report.servers if one.status == "built"]
    try:
        trust_sdks(Path(one.folder) / one.package for one in built)
    except ConfigError as error:
        # They are there all the same, and can be installed.
        stderr.print(safe(f"note: programs cannot use these SDKs yet: {error}", "yellow"))


def follow_up(report: Report, sources: Sequence[Source], given: Sequence[str]) -> None:
    """Offer to keep a server that no configuration names, and say what to type next. `given` are
    the URLs and files of the command line."""
    built = {one.server: one for one in report.servers if one.status == "built"}
    if not built:
        return
    unnamed = [
        source
        for source in sources
        if isinstance(source, ServerSource) and source.name in built and _is_unnamed(source, given)
    ]
    for source in unnamed:
        _keep(source)
    if unnamed or len(built) < len(report.servers):
        return
    cwd, out = Path.cwd(), Path(report.out).absolute()
    if out in (folder.absolute() for folder in out_folders(cwd, nearest(cwd))):
        _say("next: mcp-sdkgen search WORDS finds a tool, mcp-sdkgen run FILE runs a program")
    elif any(one.wheel for one in built.values()):
        _say(f"next: pip install {shlex.quote(shown_path(out / 'dist'))}/*.whl")


def _is_unnamed(source: ServerSource, given: Sequence[str]) -> bool:
    """Whether a server comes from the command line, and the project's configuration lacks it."""
    config = source.config
    if config.origin != "command line" and config.url not in given:
        return False
    near = nearest(Path.cwd())
    return near is None or all(server.name != source.name for server in near.servers)


def _keep(source: ServerSource) -> None:
    config = source.config
    stdio = config.transport is Transport.STDIO
    entry = entry_of([config.command, *config.args]) if stdio else {"url": config.url}
    if sys.stdin.isatty() and stderr.is_terminal:
        question = f"Write {safe(source.name)} to mcp.json, so that programs find its server?"
        if typer.confirm(question, default=True, err=True):
            path = add_to_project(source.name, entry)
            _say(f"{source.name} is in {shown_path(path)}")
            _say("next: mcp-sdkgen run FILE runs a program")
            return
    words = ["--", config.command, *config.args] if stdio else [config.url]
    _say(f"next: {add_command(source.name, words)}; then programs find its server")


def _say(words: str) -> None:
    stderr.print(safe(words), soft_wrap=True)
