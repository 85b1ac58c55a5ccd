"""Which server a word of a command line means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import typer

from ...config import nearest
from ...errors import ConfigError
from ...lock.lock import load_lock, sdk_folder
from ...names import instance
from ...snapshot import Snapshot, lock_in
from ...source import BrokenSource, Resolved, ServerSource, Source, resolve


@dataclass(frozen=True)
class OneServer:
    """The server of a command line, all that its configuration says, and the `tool` where the same
    word names it: `weather.get_forecast`."""

    source: Source
    found: Resolved
    tool: str = ""


def one_server(
    context: typer.Context, server: str, config: Path | None, from_client: str | None
) -> OneServer:
    """The server that a word means.

    It is the name of a server in the configuration, or what `build` takes as a source: a URL, a
    file, the folder of an SDK. With a command after `--` it is the name of that. A server may be
    called as in Python (`sq_lite` for "sq lite"), and have a tool after it, as listings show it
    (`weather.get_forecast`) or policies name it (`weather/get_forecast`), unless another server has
    that whole name. Raises `ConfigError`.
    """
    if context.obj is not None:
        found = resolve([], name=server, command=context.obj)
        return OneServer(found.sources[0], found)
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
            meant = _meant(server, found.sources, with_tool=not may_be_source)
            if meant is not None:
                return OneServer(_usable(meant[0]), found, meant[1])
    if not may_be_source:
        near = _nearest(server, known)
        meant_instead = f"did you mean {near!r}? " if near else ""
        raise ConfigError(
            f"there is no server {server[:80]!r}",
            hint=f"{meant_instead}servers: {', '.join(map(repr, known)) or 'none'}",
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
    return OneServer(source, found)


def _meant(word: str, sources: Iterable[Source], *, with_tool: bool) -> tuple[Source, str] | None:
    """The server that a word names, and the tool after it, if there is one."""
    by_name = {source.name: source for source in sources}
    in_python: dict[str, list[Source]] = {}
    for source in by_name.values():
        in_python.setdefault(instance(source.name), []).append(source)
    for name, tool in [(word, ""), *(_splits(word) if with_tool else ())]:
        of_name = [by_name[name]] if name in by_name else in_python.get(name, [])
        if len(of_name) == 1:
            return of_name[0], tool
    return None


def _splits(word: str) -> Iterator[tuple[str, str]]:
    """Each way to read `SERVER.TOOL` or `SERVER/TOOL`, the longest server first."""
    for place in reversed([match.start() for match in re.finditer(r"[./]", word)]):
        if word[:place] and word[place + 1 :]:
            yield word[:place], word[place + 1 :]


def _nearest(word: str, known: list[str]) -> str:
    """What was probably meant, as it may be written; empty where nothing is near."""
    for name, tool in ((word, ""), *_splits(word)):
        if near := get_close_matches(name, known, n=1):
            return near[0] + word[len(name) :] if tool else near[0]
    return ""


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
