"""What an entry of a configuration says, as it is written: variables are not yet replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from .command_line import shown_args
from .display import shown_url


class Transport(StrEnum):
    """How bytes reach a server."""

    STDIO = "stdio"
    HTTP = "http"
    """Streamable HTTP, with fall-back to SSE."""
    SSE = "sse"


@dataclass(frozen=True, repr=False)
class ServerConfig:
    """How to reach one server.

    `str` and `repr` never show `auth`, values of `env` and `headers`, user info or query of `url`,
    or arguments that look like secrets. `origin` is the file and the JSON pointer of the entry.
    `workspace` is the folder that `${workspaceFolder}` means and that a relative `cwd` starts at;
    the server runs there when it has no `cwd`. It is empty, and means the working folder of the
    process, for an entry that stands in no file. `inputs` maps the ids of `${input:id}` to their
    defaults. `timeout_s` is the time for the whole snapshot, and for connecting at run time, in
    seconds. `untrusted` is the file that it stands in, if that was found and nobody has trusted it
    as it is.
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
    origin: str = ""
    workspace: Path = field(default_factory=Path)
    inputs: Mapping[str, str | None] = field(default_factory=dict)
    untrusted: str = field(default="", compare=False)

    def __repr__(self) -> str:
        parts = [f"name={self.name!r}", f"transport={self.transport.value}"]
        if self.transport is Transport.STDIO:
            command = shown_args([self.command, *self.args])
            parts += [f"command={command}", f"env={sorted(self.env)}"]
        else:
            parts += [f"url={shown_url(self.url)!r}", f"headers={sorted(self.headers)}"]
        return f"ServerConfig({', '.join(parts)}, origin={self.origin!r})"


@dataclass(frozen=True)
class Servers:
    """The servers of one file.

    `usable` are enabled. `broken` holds, by name, why an entry cannot be used; it costs only that
    server. `disabled` holds, by name, where it is said that a server is not to be used.
    """

    usable: tuple[ServerConfig, ...] = ()
    broken: tuple[tuple[str, ConfigurationError], ...] = ()
    disabled: tuple[tuple[str, str], ...] = ()
