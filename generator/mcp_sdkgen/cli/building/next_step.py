"""What comes after a build: its server is kept for programs, and the next command is named."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer
from mcp_sdkgen_runtime.config.display import shown_path

from ...config import ServerConfig, Transport, load, nearest
from ...errors import ConfigError
from ...provision.at_hand import out_folders, trust_sdks
from ...report import Report
from ...source import Resolved, ServerSource, Source
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


def follow_up(report: Report, found: Resolved, given: Sequence[str]) -> None:
    """Offer to keep a server that no configuration names, and say what to type next. `given` are
    the URLs and files of the command line."""
    sources = found.sources
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
        _say(_next_with([source for source in sources if source.name in built], found.paths))
    elif any(one.wheel for one in built.values()):
        _say(f"next: pip install {shlex.quote(shown_path(out / 'dist'))}/*.whl")


def _next_with(built: Sequence[Source], paths: Sequence[Path]) -> str:
    """What to type so that programs find these servers as well as their SDKs: `paths` are the files
    that named them."""
    near = nearest(Path.cwd())
    known = {server.name for server in near.servers} if near is not None else set()
    lacking = [
        source.config
        for source in built
        if isinstance(source, ServerSource) and source.name not in known
    ]
    search = "next: mcp-sdkgen search WORDS finds a tool"
    if not lacking:
        return f"{search}, mcp-sdkgen run FILE runs a program"
    for path in paths:
        if _names_all(path, lacking):
            # A shell replaces a tilde that is not quoted.
            shown = shown_path(path)
            home = "~/" if shown.startswith("~/") else ""
            option = f"--config {home}{shlex.quote(shown.removeprefix(home))}"
            return f"{search}, mcp-sdkgen run FILE {option} runs a program"
    first = lacking[0]
    words = [first.url] if first.url else ["--", first.command, *first.args]
    return f"{search}; programs find a server that is added: {add_command(first.name, words)}"


def _names_all(path: Path, servers: Sequence[ServerConfig]) -> bool:
    """Whether `--config` with this file means these servers: programs have notations of their own,
    and more than one place for servers."""
    try:
        there = {each.name: _facts(each) for each in load(path).servers}
    except ConfigError:
        return False
    return all(there.get(server.name) == _facts(server) for server in servers)


def _facts(server: ServerConfig) -> ServerConfig:
    return replace(server, origin="", workspace=Path(), untrusted="")


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
