"""The values that configuration files are read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .secrets import shown_args, shown_url


class Transport(StrEnum):
    """How bytes reach a server."""

    STDIO = "stdio"
    HTTP = "http"
    """Streamable HTTP, with fall-back to SSE."""
    SSE = "sse"


@dataclass(frozen=True, repr=False)
class ServerConfig:
    """How to reach one server, as its file says it: variables are not yet replaced.

    `str` and `repr` never show `auth`, values of `env` and `headers`, user info or query of `url`,
    or arguments that look like secrets. `origin` is the file and the JSON pointer of the entry.
    `workspace` is the folder that `${workspaceFolder}` means and that a relative `cwd` starts at;
    the server runs there when it has no `cwd`. `inputs` maps the ids of `${input:id}` to their
    defaults. `timeout_s` is the time for the whole snapshot, in seconds.
    """

    name: str
    transport: Transport = Transport.STDIO
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    env_file: str = ""
    cwd: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: Any = None
    timeout_s: float | None = None
    disabled: bool = False
    origin: str = ""
    workspace: Path = field(default_factory=Path)
    inputs: Mapping[str, str | None] = field(default_factory=dict)

    def __repr__(self) -> str:
        parts = [f"name={self.name!r}", f"transport={self.transport.value}"]
        if self.transport is Transport.STDIO:
            command = shown_args([self.command, *self.args])
            parts += [f"command={command}", f"env={sorted(self.env)}"]
        else:
            parts += [f"url={shown_url(self.url)!r}", f"headers={sorted(self.headers)}"]
        if self.disabled:
            parts.append("disabled")
        return f"ServerConfig({', '.join(parts)}, origin={self.origin!r})"


@dataclass(frozen=True)
class Config:
    """What one configuration says.

    `servers` are usable and enabled. `broken` holds, by server name, why an entry cannot be used;
    it costs only that server. `notes` are lines for the user, such as skipped entries. `out` is
    where SDKs go, `packages` maps server names to import packages, `timeout_s` is the time limit
    of servers that do not say their own, `policy` is the table that judges calls of programs; only
    our own files set these four.
    """

    servers: tuple[ServerConfig, ...] = ()
    broken: tuple[tuple[str, ConfigError], ...] = ()
    notes: tuple[str, ...] = ()
    out: Path | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[Path, ...] = ()
