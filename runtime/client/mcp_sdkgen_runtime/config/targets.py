"""Where a server is: a command, a URL, or an object in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .auth import Auth


@dataclass(frozen=True, slots=True, repr=False)
class StdioTarget:
    """A server that is started as a child process and spoken to over stdin and stdout.

    `untrusted` is the file that says so, if that was found and nobody has trusted it as it is. Its
    `repr` shows no values of `env`, and no arguments that look like secrets.
    """

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    untrusted: str = field(default="", compare=False)
    connect_timeout_s: float | None = None
    """Seconds that it has to start, where its configuration says so."""

    def __repr__(self) -> str:
        from .command_line import shown_args

        command = shown_args([self.command, *self.args])
        return f"StdioTarget(command={command}, env={sorted(self.env)}, cwd={self.cwd!r})"


@dataclass(frozen=True, slots=True, repr=False)
class HttpTarget:
    """A server at a URL. `auto` is streamable HTTP with a fall-back to SSE.

    `untrusted` is as of `StdioTarget`. Its `repr` shows no values of `headers`, and no parts of
    `url` that may be secret.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    transport: Literal["auto", "sse"] = "auto"
    auth: Auth | None = None
    untrusted: str = field(default="", compare=False)
    connect_timeout_s: float | None = None
    """Seconds that it has to answer first, where its configuration says so."""

    def __repr__(self) -> str:
        from .display import shown_url

        return (
            f"HttpTarget(url={shown_url(self.url)!r}, headers={sorted(self.headers)}, "
            f"transport={self.transport!r}, auth={self.auth!r})"
        )


@dataclass(frozen=True, slots=True)
class MemoryTarget:
    """A server object in this process."""

    server: Any


class BindingWrapper:
    """A binding that stands in front of another, as a cassette does: connections use `binding`."""

    def __init__(self, binding: Any = None) -> None:
        self.binding = binding


Target: TypeAlias = StdioTarget | HttpTarget | MemoryTarget
