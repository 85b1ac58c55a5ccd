"""Which server a word of a command line means."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import typer

from ...config import nearest
from ...errors import ConfigError
from ...lock.lock import load_lock, sdk_folder
from ...snapshot import Snapshot, lock_in
from ...source import BrokenSource, Resolved, ServerSource, Source, resolve


def one_server(
    context: typer.Context, server: str, config: Path | None, from_client: str | None
) -> tuple[Source, Resolved]:
    """The server, and all that its configuration says.

    It is the name of a server in the configuration, or what `build` takes as a source: a URL, a
    file, the folder of an SDK. With a command after `--` it is the name of that. Raises
    `ConfigError`.
    """
    if context.obj is not None:
        found = resolve([], name=server, command=context.obj)
        return found.sources[0], found
    is_url = re.match(r"(?i)https?://", server) is not None
    may_be_source = is_url or (config is None and from_client is None and Path(server).exists())
    known: list[str] = []
    if not is_url:
        try:
            found = resolve([str(config)] if config else [], from_client=from_client)
        except ConfigError as error:
            if not may_be_source:
                hint = "name an mcp.json with --config, a URL, or: NAME … -- COMMAND"
                raise ConfigError(str(error), hint=hint, detail=error.detail) from None
        else:
            known = [source.name for source in found.sources]
            for source in found.sources:
                if source.name == server:
                    return _usable(source), found
    if not may_be_source:
        near = get_close_matches(server, known, n=1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(
            f"there is no server {server[:80]!r}",
            hint=f"{meant}there is: {', '.join(map(repr, known)) or 'none'}",
        )
    found = resolve([server])
    if len(found.sources) != 1:
        names = ", ".join(repr(source.name) for source in found.sources) or "none"
        raise ConfigError(
            f"{server[:160]}: holds more than one server, or none: {names}",
            hint=f"name one: --config {server} NAME",
        )
    source = _usable(found.sources[0])
    if isinstance(source, ServerSource) and not is_url and Path(server).name == server:
        # It may have been meant as a name: a file called like a server stands in for none.
        found_in = replace(source.config, untrusted=str(Path(server).absolute()))
        source = replace(source, config=found_in)
    return source, found


def _usable(source: Source) -> Source:
    if isinstance(source, BrokenSource):
        raise source.error
    return source


def other_servers(found: Resolved, but: str) -> set[str]:
    """The servers that a policy may speak of though they are not used now."""
    near = nearest(Path.cwd())
    configured = {server.name for server in near.servers} if near is not None else set()
    return (configured | {source.name for source in found.sources}) - {but}


def pinned_tools(found: Resolved, server: str) -> Snapshot | None:
    """The lock of the server's SDK, if there is one. Raises `SnapshotError`."""
    path = lock_in(sdk_folder(found.out, server))
    return None if path is None else load_lock(path)
