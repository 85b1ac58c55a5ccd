"""From a configuration to what a run needs: an SDK of every server, and where the servers are.

SDKs that are not installed are built once into the user's cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from mcp_sdkgen_codemode.catalog import Sdk, at, installed
from mcp_sdkgen_runtime.binding import HttpTarget, StdioTarget
from platformdirs import user_cache_path

from .build import build
from .config import ServerConfig, Transport, bind
from .errors import ConfigError
from .lock import OnProgress
from .report import ServerReport
from .source import BrokenSource, SavedSource, ServerSource, Source


@dataclass(frozen=True)
class Supply:
    """What runs need: `sdks`, the `bindings` of their servers by key, and what `failed`."""

    sdks: tuple[Sdk, ...] = ()
    bindings: Mapping[str, StdioTarget | HttpTarget] = field(default_factory=dict, repr=False)
    failed: tuple[ServerReport, ...] = ()


def supply(
    sources: Sequence[Source],
    *,
    cache: Path | None = None,
    update: bool = False,
    on_progress: OnProgress | None = None,
) -> Supply:
    """An SDK for each source: the installed one of that server, else one from the cache.

    What the cache lacks is built first; with `update`, so is what it has. A server that fails, or
    needs a variable that is not set, costs only itself.
    """
    at_hand = {sdk.key: sdk for sdk in installed()}
    root = cache or user_cache_path("mcp-sdkgen") / "sdks"
    found: list[Sdk] = []
    failed: list[ServerReport] = []
    bindings = {}
    for source in sources:
        if isinstance(source, ServerSource):
            try:
                bindings[source.name] = target(source.config)
            except ConfigError as error:
                failed.append(
                    ServerReport(source.name, "failed", error=str(error), hint=error.hint)
                )
                continue
        if source.name in at_hand:
            found.append(at_hand[source.name])
            continue
        folder = root / _key(source)
        sdk = None if update else _built(folder)
        if sdk is None:
            report = build([source], out=folder, make_wheels=False, on_progress=on_progress)
            failed += [server for server in report.servers if server.status != "built"]
            sdk = _built(folder)
        if sdk is not None:
            found.append(sdk)
    return Supply(tuple(found), bindings, tuple(failed))


def target(config: ServerConfig) -> StdioTarget | HttpTarget:
    """Where a configured server is, for a session. Raises `ConfigError`."""
    bound = bind(config)
    if config.transport is Transport.STDIO:
        cwd = str(bound.cwd) if bound.cwd else None
        return StdioTarget(bound.command, bound.args, bound.env or {}, cwd)
    only_sse = config.transport is Transport.SSE
    return HttpTarget(bound.url, bound.headers or {}, "sse" if only_sse else "auto", bound.auth)


def _key(source: Source) -> str:
    """A folder name for the SDK of one source: another server, another folder."""
    match source:
        case ServerSource(config=config):
            # As written, with variables in place: a secret's value is no part of the name.
            what = [config.command, *config.args, config.url, config.cwd, str(config.workspace)]
        case SavedSource(snapshot=snapshot):
            what = [snapshot.digest]
        case BrokenSource():
            what = [source.name]
    text = json.dumps([version("mcp-sdkgen"), source.name, what])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _built(folder: Path) -> Sdk | None:
    found = [path.parent for path in folder.glob("*/pyproject.toml")]
    return at(found[0]) if found else None
