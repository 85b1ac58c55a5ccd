"""What a project's configuration says to the generator: its servers, and settings of our own."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime import BindingError
from mcp_sdkgen_runtime.config import document, entries, secrets, variables
from mcp_sdkgen_runtime.config.display import home_folder, shown_path
from mcp_sdkgen_runtime.config.entry import ServerConfig, Servers
from mcp_sdkgen_runtime.config.mcp_json import (
    OWN_FILES,
    candidates,
    judged,
    own_part,
    servers_in,
)
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from mcp_sdkgen_runtime.config.trust import EDITOR_FOLDERS, found_content, is_trusted
from mcp_sdkgen_runtime.errors import ConfigurationError

from ..errors import ConfigError
from ..names import ANY_SERVER

DEFAULT_OUT = Path("generated")
"""Where SDKs are put, and looked for, unless something else is named."""
_OWN_KEYS = frozenset({"servers", "out", "packages", "policy", "timeout_s"})
_TAKEN = frozenset(
    {
        *sys.stdlib_module_names, "sitecustomize", "usercustomize", "test", "mcp_sdkgen",
        "mcp_sdkgen_codemode", "mcp_sdkgen_runtime", "mcp", "mcp_types", "pydantic",
        "pydantic_core", "anyio", "typing_extensions", "annotated_types", "programs", "pip",
        "setuptools", "wheel",
    }
)  # fmt: skip
"""A found file could have a package built that takes the place of one of these when installed."""
_Place = entries.Place


@dataclass(frozen=True)
class Config:
    """What one configuration says.

    `servers` are usable and enabled. `broken` holds, by server name, why an entry cannot be used;
    it costs only that server. `notes` are lines for the user, such as skipped entries. `out` is
    where SDKs go, `packages` maps server names to import packages, `timeout_s` is the time limit
    of servers that do not say their own, `policy` is the table that judges calls of programs; only
    our own files set these four. `is_default_out`: no file says `out`, and it is the default one.
    """

    servers: tuple[ServerConfig, ...] = ()
    broken: tuple[tuple[str, ConfigError], ...] = ()
    notes: tuple[str, ...] = ()
    out: Path | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[Path, ...] = ()
    is_default_out: bool = False

    @classmethod
    def of(cls, found: Servers | None) -> Config:
        """The servers of a file, without settings."""
        found = found or Servers()
        return cls(
            found.usable,
            tuple((name, config_error(error)) for name, error in found.broken),
            tuple(f"{name!r} is disabled in {where}" for name, where in found.disabled),
        )


def config_error(error: BindingError) -> ConfigError:
    """The runtime's error in the form of the generator's."""
    if isinstance(error, ConfigurationError):
        place = f"{error.server}: " if error.server else ""
        return ConfigError(f"{place}{error.problem}", hint=error.hint)
    return ConfigError(str(error), hint="check the path or address that the value names")


@contextmanager
def config_errors() -> Iterator[None]:
    """Makes the runtime's errors about configurations the generator's, for their exit code."""
    try:
        yield
    except BindingError as error:
        raise config_error(error) from None


@config_errors()
def read(path: Path) -> Any:
    """The data of a TOML, JSON or JSONC file. Raises `ConfigError`."""
    return document.read(path)


@config_errors()
def read_content(path: Path) -> bytes:
    """What is in a configuration file. Raises `ConfigError`."""
    return document.content_of(path)


@config_errors()
def read_found(path: Path) -> bytes:
    """The same of one that was found. Raises `ConfigError`."""
    return found_content(path)


@config_errors()
def parsed(content: bytes, path: Path) -> Any:
    """The data of the content of such a file. Raises `ConfigError`."""
    return document.data_of(content, path)


@config_errors()
def bind(
    config: ServerConfig, environ: Mapping[str, str] | None = None
) -> StdioTarget | HttpTarget:
    """Where a server is, with its variables replaced. Raises `ConfigError`."""
    return variables.bind(config, environ)


@config_errors()
def with_secrets(target: StdioTarget | HttpTarget, server: str) -> StdioTarget | HttpTarget:
    """`target` with `keyring://` and `file:///` values looked up. Raises `ConfigError`."""
    return secrets.with_secrets(target, server)


@config_errors()
def check_name(name: str, where: str) -> None:
    """Raises `ConfigError` when no one could call a server by this name."""
    entries.check_name(name, _Place(where, "", Path()))


@config_errors()
def load(path: Path, data: Any = None) -> Config:
    """Read one configuration file of any known form.

    `data` is the file's content when the caller has it already. Raises `ConfigError` when the
    file as a whole cannot be used; a bad entry only ends up in `Config.broken`.
    """
    data, place = own_part(path, document.read(path) if data is None else data)
    if path.name in OWN_FILES or (path.suffix == ".toml" and "mcp_servers" not in data):
        return replace(_own(data, place), paths=(path,))
    found = servers_in(data, place)
    if found is None:
        raise place.error(
            "no servers in it", 'put them under "mcpServers" (or "servers", as in VS Code)'
        )
    return replace(Config.of(found), paths=(path,))


def nearest(cwd: Path) -> Config | None:
    """The configuration nearest upward from `cwd`, or `None`. Raises `ConfigError`.

    Files are looked for as `mcp_sdkgen_runtime.config.mcp_json.candidates` says. One of our own
    files without servers adds its settings to the servers of the next file. A file that belongs to
    another user is passed over with a note, because it says what to run; where there is no other,
    the note is all there is.
    """
    settings = Config()
    notes: tuple[str, ...] = ()
    there = list(candidates(cwd.absolute()))
    heeded = [path for path, refused in there if not refused]
    for path, refused in there:
        if refused:
            notes = (*notes, f"{shown_path(path)} was skipped, since it {refused}")
            continue
        content = read_found(path)
        config = _found(path, content)
        if config is None:
            continue
        config = _judged(config, path, content, heeded[heeded.index(path) + 1 :])
        _check_out(config.out, path, content)
        if path.name in OWN_FILES and not (config.servers or config.broken or config.notes):
            settings = _with_settings(config, settings)
            continue
        config = _with_settings(config, settings)
        return replace(config, notes=(*notes, *config.notes))
    return replace(settings, notes=notes) if settings.paths or notes else None


def project_folder(cwd: Path, config: Path | None = None) -> Path:
    """The folder of the project that a configuration is for: of the file or folder that was named,
    else of the nearest upward from `cwd`, and `cwd` itself without any. Raises `ConfigError`."""
    if config is not None:
        path = cwd.absolute() / config.expanduser()
        return path if path.is_dir() else folder_of(path)
    near = nearest(cwd)
    return folder_of(near.paths[-1]) if near is not None and near.paths else cwd.absolute()


def folder_of(path: Path) -> Path:
    """The folder that a configuration speaks of."""
    folder = path.absolute().parent
    return folder.parent if folder.name in EDITOR_FOLDERS else folder


@dataclass(frozen=True)
class FoundPolicy:
    """What the files in and above a folder say about calls of programs.

    `trusted` is the table of the nearest file that the user has trusted, if any. `others` are those
    of files that nobody has trusted as they are now, nearest first: they may only tighten. `read`
    is what each of these files held when it was read.
    `in_use` is the file whose policy is that of the nearest configuration, unless the file is for
    all projects of a user.
    """

    trusted: tuple[Path, Mapping[str, Any]] | None = None
    others: tuple[tuple[Path, Mapping[str, Any]], ...] = ()
    in_use: Path | None = None
    read: Mapping[Path, bytes] = field(default_factory=dict)


def found_policy(cwd: Path) -> FoundPolicy:
    """The policies in and above `cwd`, of files of this user's and root's. Raises `ConfigError`.

    None hides another: who puts a file nearer must not take away what a further one refuses.
    """
    near, found = nearest(cwd), FoundPolicy()
    for path, refused in candidates(cwd.absolute()):
        if refused or path.name not in OWN_FILES:
            continue
        content = read_found(path)
        config = _found(path, content)
        if config is None or not config.policy:
            continue
        if found == FoundPolicy() and near is not None and path in near.paths:
            found = FoundPolicy(in_use=None if _is_general(path, cwd.absolute()) else path)
        found = replace(found, read={**found.read, path: content})
        if not is_trusted(path, content):
            found = replace(found, others=(*found.others, (path, config.policy)))
        elif found.trusted is None:
            found = replace(found, trusted=(path, config.policy))
    return found


def _is_general(path: Path, cwd: Path) -> bool:
    """Whether a file above the working folder is for all projects of a user."""
    home = home_folder()
    return home is not None and path.parent != cwd and home.is_relative_to(path.parent)


def _found(path: Path, content: bytes) -> Config | None:
    """A file that was found; None for a `pyproject.toml` of another tool's."""
    data = parsed(content, path)
    if path.name == "pyproject.toml":
        tool = data.get("tool")
        if not isinstance(tool, dict) or "mcp-sdkgen" not in tool:
            return None
    return load(path, data)


@config_errors()
def _judged(config: Config, path: Path, content: bytes, further: Iterable[Path]) -> Config:
    """The same with what is said of its servers by whether the file is trusted."""
    servers = judged(Servers(config.servers), path, content, further)
    broken = tuple((name, config_error(error)) for name, error in servers.broken)
    return replace(config, servers=servers.usable, broken=(*config.broken, *broken))


def _check_out(out: Path | None, path: Path, content: bytes) -> None:
    """Raise `ConfigError` where a file that nobody has trusted has SDKs written elsewhere than in
    its own folder."""
    if out is None or out.resolve().is_relative_to(path.parent.resolve()):
        return
    if not is_trusted(path, content):
        command = shlex.join(["mcp-sdkgen", "trust", str(path)])
        raise ConfigError(
            f"{shown_path(path)}: out: {shown_path(out)} leads out of the folder of this file, "
            "which nobody has trusted as it is now",
            hint=f"write a folder below, or trust the file: {command}",
        )


def check_default_out(out: Path) -> None:
    """Raise `ConfigError` where the folder for SDKs that nobody named is a link which leads out of
    the folder that it stands in: it may have come with a project."""
    place = out.absolute()
    if place.is_symlink() and not place.resolve().is_relative_to(place.parent.resolve()):
        raise ConfigError(
            f"{shown_path(out)}: is a link out of its folder, to {shown_path(place.resolve())}",
            hint=f"remove it; or, if SDKs are to go there: --out {shlex.quote(str(out))}",
        )


def _with_settings(config: Config, settings: Config) -> Config:
    """`config` with the settings of a file that was nearer."""
    return replace(
        config,
        out=settings.out or config.out,
        packages={**config.packages, **settings.packages},
        timeout_s=settings.timeout_s or config.timeout_s,
        policy=settings.policy or config.policy,
        paths=(*settings.paths, *config.paths),
    )


def _is_taken(package: str) -> bool:
    if package in _TAKEN or find_spec(package) is None:
        return package in _TAKEN
    # Deferred: most configurations name no package, and fewer one that is there.
    from mcp_sdkgen_runtime.catalog.index import installed

    return package not in {sdk.package for sdk in installed()}


def _own(data: dict[str, Any], place: _Place) -> Config:
    for key in data:
        if key not in _OWN_KEYS:
            raise (place / key).error(
                "an unknown key", f"the keys are {', '.join(sorted(_OWN_KEYS))}"
            )
    packages = data.get("packages", {})
    if not isinstance(packages, dict):
        raise (place / "packages").error("not a table", 'write weather = "acme_weather"')
    for name, package in packages.items():
        if name == ANY_SERVER:
            if not isinstance(package, str) or not re.fullmatch(r"[a-z][a-z0-9_]*_\*", package):
                raise (place / "packages" / name).error(
                    "not a prefix that ends in `_*`", 'write "acme_*"'
                )
            continue
        entries.check_name(name, place / "packages")
        if not isinstance(package, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", package):
            raise (place / "packages" / name).error(
                "not the name of a package", "write lower-case letters, digits and underscores"
            )
        if _is_taken(package):
            raise (place / "packages" / name).error(
                "the name of a package that Python, an SDK or this environment has",
                "write another",
            )
    out = data.get("out")
    if out is not None and (not isinstance(out, str) or not out):
        raise (place / "out").error("not text", 'write a folder, such as "sdks"')
    timeout = data.get("timeout_s")
    policy = data.get("policy", {})
    if not isinstance(policy, dict):
        raise (place / "policy").error("not a table", 'write allow = ["SERVER/TOOL"]')
    return replace(
        Config.of(servers_in(data, place)),
        out=place.workspace / out if out else None,
        packages=dict(packages),
        timeout_s=None if timeout is None else entries.seconds(timeout, place / "timeout_s"),
        policy=policy,
    )
