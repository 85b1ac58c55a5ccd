"""From a configuration to what a run needs: an SDK of every server, and where the servers are.

SDKs that are not installed are built once into the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mcp_sdkgen_codemode.catalog import Sdk, at, installed
from mcp_sdkgen_runtime.config.binding import Binding
from mcp_sdkgen_runtime.config.entry import ServerConfig, Transport
from mcp_sdkgen_runtime.files import cache_folder, make_private
from mcp_sdkgen_runtime.schema.definitions import LOCK

from ..config import bind
from ..errors import ConfigError, SdkgenError
from ..lock.lock import OnProgress, lock_path, sdk_folder
from ..report import ServerReport
from ..source import BrokenSource, SavedSource, ServerSource, Source
from .match import Candidate, Match, match
from .provisioned import Provisioned as Provisioned


def supply(
    sources: Sequence[Source],
    *,
    sdks: Sequence[Sdk] | None = None,
    cache: Path | None = None,
    update: bool = False,
    on_progress: OnProgress | None = None,
) -> Provisioned:
    """An SDK for each source: one of `sdks` that fits its server, else one from the cache. `sdks`
    are those that are installed, if unset.

    What the cache lacks is built first, all of it together; with `update`, servers are asked anew.
    A server that fails costs only itself. One that needs a variable which is not set loses its
    calls, and keeps an SDK that there is. Raises `ConfigError` when the cache cannot be written to.
    """
    root = cache or cache_folder() / "sdks"
    at_hand = _by_server(installed() if sdks is None else sdks)
    start = _bound(sources, at_hand, root)
    usable, failed, found, notes = start.usable, start.failed, start.found, start.notes
    folders = {name: root / _key(source) for name, source in usable.items()}
    try:
        matches = _matches(usable, at_hand, folders, update, on_progress)
        found |= {name: one.sdk for name, one in matches.items() if one.sdk is not None}
        missing: list[Source] = []
        for name, source in usable.items():
            if name in found:
                continue
            if name in matches and (snapshot := matches[name].snapshot) is not None:
                missing.append(SavedSource(name, snapshot, "the server"))
            elif (sdk := None if update else _built(folders[name])) is not None:
                found[name] = sdk
            else:
                missing.append(source)
        if missing:
            failed += _build(missing, folders, root, update, on_progress)
            made = {source.name: _built(folders[source.name]) for source in missing}
            found |= {name: sdk for name, sdk in made.items() if sdk is not None}
    except OSError as error:
        raise ConfigError(
            f"{root}: {error.strerror or error}", hint="set XDG_CACHE_HOME to a folder of yours"
        ) from error
    chosen = tuple(found[source.name] for source in sources if source.name in found)
    notes += [one.note for one in matches.values() if one.note]
    return Provisioned(chosen, start.bindings, tuple(failed), tuple(notes))


@dataclass
class _Bound:
    """What is known of sources without asking their servers."""

    usable: dict[str, Source] = field(default_factory=dict)
    bindings: dict[str, Binding] = field(default_factory=dict)
    found: dict[str, Sdk] = field(default_factory=dict)
    failed: list[ServerReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _bound(sources: Sequence[Source], at_hand: Mapping[str, Sequence[Sdk]], root: Path) -> _Bound:
    made = _Bound()
    for source in sources:
        name = source.name
        try:
            if isinstance(source, BrokenSource):
                raise source.error
            if isinstance(source, ServerSource):
                made.bindings[name] = bind(source.config)
            made.usable[name] = source
        except SdkgenError as error:
            sdk = next(iter(at_hand.get(name, ())), None) or _built(root / _key(source))
            if sdk is None or not isinstance(source, ServerSource):
                made.failed.append(ServerReport(name, "failed", error=str(error), hint=error.hint))
                continue
            made.found[name] = sdk
            # Whoever calls it learns what is missing.
            made.bindings[name] = _as_written(source.config)
            made.notes.append(
                f"{name}: programs can be checked, but calls to this server fail: {error}"
            )
    return made


def _by_server(sdks: Sequence[Sdk]) -> Mapping[str, list[Sdk]]:
    found: dict[str, list[Sdk]] = {}
    for sdk in sdks:
        found.setdefault(sdk.key, []).append(sdk)
    return found


def _as_written(config: ServerConfig) -> Mapping[str, Any]:
    """The entry of a server as a binding, with its variables in place."""
    if config.transport is Transport.STDIO:
        entry = {"command": config.command, "args": [*config.args], "env": {**config.env}}
        return {**entry, "envFile": config.env_file, "cwd": str(config.workspace / config.cwd)}
    entry = {"type": config.transport.value, "url": config.url, "headers": {**config.headers}}
    return {**entry, "auth": config.auth}


def _matches(
    usable: Mapping[str, Source],
    at_hand: Mapping[str, Sequence[Sdk]],
    folders: Mapping[str, Path],
    update: bool,
    on_progress: OnProgress | None,
) -> Mapping[str, Match]:
    candidates = [
        Candidate(source, tuple(at_hand[name]), folders[name])
        for name, source in usable.items()
        if name in at_hand
    ]
    return match(candidates, update=update, on_progress=on_progress)


def _build(
    sources: Sequence[Source],
    folders: Mapping[str, Path],
    root: Path,
    update: bool,
    on_progress: OnProgress | None,
) -> list[ServerReport]:
    """Build into the folders, which each SDK enters when it is whole. Raises `OSError`.

    Returns what failed. One build of all asks the servers at the same time, and starts the type
    checker once.
    """
    # Deferred: it imports what makes code, and mostly all SDKs are there.
    from ..pipeline import build

    make_private(root)
    with tempfile.TemporaryDirectory(dir=root, prefix=".building-") as made:
        out = Path(made)
        for source in sources:
            # Names and versions follow what was built before.
            kept = lock_path(folders[source.name], source.name)
            if kept.is_file():
                new = sdk_folder(out, source.name)
                new.mkdir(exist_ok=True)
                shutil.copyfile(kept, new / LOCK)
        report = build(sources, out=out, make_wheels=False, update=update, on_progress=on_progress)
        for server in report.servers:
            if server.status == "built":
                folder = folders[server.server]
                folder.mkdir(exist_ok=True)
                place = folder / server.slug
                if place.exists():
                    place.rename(out / f".{server.slug}")
                (out / server.slug).rename(place)
        return [server for server in report.servers if server.status != "built"]


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
