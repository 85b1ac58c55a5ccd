"""The files in which other programs keep their user's servers (as of 2026)."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.document import read
from mcp_sdkgen_runtime.config.entries import Place
from mcp_sdkgen_runtime.config.mcp_json import servers_in
from mcp_sdkgen_runtime.ownership import why_not_heeded

from ..errors import ConfigError
from .settings import Config, config_errors

CLIENTS = (
    "claude-desktop",
    "claude-code",
    "cursor",
    "vscode",
    "windsurf",
    "codex",
    "gemini",
    "opencode",
)
_OURS = {"mcp_sdkgen", "mcp-sdkgen"}


@config_errors()
def load_client(client: str, *, cwd: Path) -> Config:
    """The servers that another program knows, from its own user-level files.

    A server's workspace is `cwd`. Where a program reads several files, or several scopes of one,
    the one that wins there wins here. Raises `ConfigError` when the program is unknown or has no
    file.
    """
    if client not in CLIENTS:
        raise ConfigError(
            f"--from: unknown program {client!r}", hint=f"choose one of {', '.join(CLIENTS)}"
        )
    places = paths(client)
    found = [path for path in places if path.is_file()]
    if not found:
        raise ConfigError(
            f"--from {client}: no configuration of it was found",
            hint="it is expected at " + " or ".join(shown_path(path) for path in places),
        )
    config = Config()
    for path in found:
        if why := why_not_heeded(path):
            raise ConfigError(
                f"--from {client}: {shown_path(path)} {why}",
                hint="the file says what is started; if you trust it, pass its path as a source",
            )
        data = read(path)
        place = Place(shown_path(path), "", cwd.absolute())
        if not isinstance(data, dict):
            raise place.error("not an object", f"repair it with {client}")
        data = _REWRITE.get(client, _unchanged)(data)
        if client == "claude-code":
            config = _first_wins(config, _claude_project(data, place))
        config = _first_wins(config, Config.of(servers_in(data, place)))
    return replace(config, paths=tuple(found))


def paths(
    client: str,
    *,
    platform: str = sys.platform,
    home: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """The user-level files of a program, the one that wins first. They need not exist."""
    home = home or Path.home()
    environ = os.environ if environ is None else environ
    xdg = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    roaming = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    if platform == "darwin":
        applications = home / "Library" / "Application Support"
    else:
        applications = roaming if platform == "win32" else xdg
    codex = Path(environ.get("CODEX_HOME") or home / ".codex")
    claude = Path(environ.get("CLAUDE_CONFIG_DIR") or home)
    custom = environ.get("OPENCODE_CONFIG")
    return {
        "claude-desktop": (applications / "Claude" / "claude_desktop_config.json",),
        "claude-code": (claude / ".claude.json",),
        "cursor": (home / ".cursor" / "mcp.json",),
        "vscode": (applications / "Code" / "User" / "mcp.json",),
        "windsurf": (
            home / ".codeium" / "windsurf" / "mcp_config.json",
            home / ".codeium" / "mcp_config.json",
        ),
        "codex": (codex / "config.toml",),
        "gemini": (home / ".gemini" / "settings.json",),
        # opencode keeps to ~/.config on every platform
        "opencode": (
            *((Path(custom),) if custom else ()),
            xdg / "opencode" / "opencode.jsonc",
            xdg / "opencode" / "opencode.json",
        ),
    }[client]


def _claude_project(data: Mapping[str, Any], place: Place) -> Config:
    """Servers that Claude Code keeps for the project around the working folder alone."""
    projects = data.get("projects")
    for folder in (place.workspace, *place.workspace.parents):
        project = projects.get(str(folder)) if isinstance(projects, dict) else None
        if isinstance(project, dict):
            # The key is the project's path, which may lie in the user's home: shown short.
            where = replace(place / "projects" / shown_path(folder), workspace=folder)
            return Config.of(servers_in(project, where))
    return Config()


def _first_wins(first: Config, second: Config) -> Config:
    taken = {server.name for server in first.servers} | {name for name, _ in first.broken}
    hidden = [server for server in second.servers if server.name in taken]
    return replace(
        first,
        servers=(*first.servers, *(s for s in second.servers if s.name not in taken)),
        broken=(*first.broken, *(b for b in second.broken if b[0] not in taken)),
        notes=(
            *first.notes,
            *second.notes,
            *(
                f"{s.name!r} of {s.origin} is not used; a nearer configuration has this name too"
                for s in hidden
            ),
        ),
    )


def _rewritten(data: Any, rule: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return rule(data)
    if isinstance(data, dict):
        return {key: _rewritten(value, rule) for key, value in data.items()}
    if isinstance(data, list):
        return [_rewritten(value, rule) for value in data]
    return data


def _gemini(data: dict[str, Any]) -> dict[str, Any]:
    """Gemini also knows `$VAR`; and its `mcp` table holds settings, not servers."""
    servers = _rewritten(
        data.get("mcpServers", {}), lambda text: re.sub(r"\$([A-Za-z_]\w*)", r"${\1}", text)
    )
    settings = data.get("mcp")
    excluded = settings.get("excluded") if isinstance(settings, dict) else None
    if isinstance(servers, dict) and isinstance(excluded, list):
        servers = {
            name: {**entry, "disabled": True}
            if name in excluded and isinstance(entry, dict)
            else entry
            for name, entry in servers.items()
        }
    return {"mcpServers": servers}


def _opencode(data: dict[str, Any]) -> dict[str, Any]:
    """opencode writes its variables as `{env:VAR}` and `{file:path}`."""
    pattern = re.compile(r"(?<!\$)\{((?:env|file):[^{}]+)\}")
    return {"mcp": _rewritten(data.get("mcp", {}), lambda text: pattern.sub(r"${\1}", text))}


def _unchanged(data: dict[str, Any]) -> dict[str, Any]:
    return data


_REWRITE: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "gemini": _gemini,
    "opencode": _opencode,
}


def is_served(command: str, args: Sequence[str]) -> bool:
    """Whether a command line is `mcp-sdkgen serve`: it must not serve itself."""
    words = [Path(command).stem, *args]
    return "serve" in args and any(word in _OURS for word in words)
