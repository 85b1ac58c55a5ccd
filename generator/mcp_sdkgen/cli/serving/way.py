"""How clients reach what `mcp-sdkgen serve` serves, and who they are."""

from __future__ import annotations

import csv
import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.files import own_secret, read_secret, state_folder

from ...errors import ConfigError
from ..show import safe, stderr
from .stdin import until_interrupted

if TYPE_CHECKING:
    from mcp_sdkgen_codemode.serve import MCPServer

TOKEN_VARIABLE = "MCP_SDKGEN_SERVE_TOKEN"  # noqa: S105  # the name of a variable
TOKEN_FILE = "serve.token"  # noqa: S105  # the name of a file
ONLY_NAME = "default"
"""Of the token that has none."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Http = Annotated[
    str | None,
    typer.Option(
        metavar="[HOST:]PORT",
        help="Serve over streamable HTTP instead of stdio. Requests need a bearer token: one of "
        f"--token-file, else the one in ${TOKEN_VARIABLE}, else one that is made and stored "
        "in a file.",
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Bearer tokens of several principals for --http: lines TOKEN,NAME in a file that only "
        "you can read.",
    ),
]
UnixSocket = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Serve over streamable HTTP at a Unix socket, for your own user alone and without a "
        "token.",
    ),
]
AllowAlways = Annotated[
    bool,
    typer.Option(
        "--allow-always",
        help="Let clients over HTTP approve a tool for ever, as those over stdio can.",
    ),
]


@dataclass(frozen=True)
class Way:
    """The way to the server: over stdio unless an address or a socket is there."""

    address: tuple[str, int] | None = None
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    origin: str = ""
    """Where the tokens are, in words."""
    socket: Path | None = None

    @classmethod
    def of(cls, http: str | None, token_file: Path | None, socket: Path | None) -> Way:
        """What the options say. Raises `ConfigError`."""
        if http is not None and socket is not None:
            raise ConfigError("--http and --unix-socket exclude each other")
        if token_file is not None and http is None:
            raise ConfigError("--token-file is for --http")
        if http is None:
            return cls(socket=socket)
        address = _address(http)
        if token_file is not None:
            return cls(address, _tokens(token_file), shown_path(token_file))
        token, origin = _token()
        return cls(address, {ONLY_NAME: token}, origin)

    @property
    def is_stdio(self) -> bool:
        """Whether whoever starts the process is its only client."""
        return self.address is None and self.socket is None

    @property
    def principals(self) -> int:
        """How many there are to be served."""
        return max(1, len(self.tokens))

    def serve(self, server: MCPServer[None]) -> int:
        """Serve until told to stop, or until the client has gone. The exit code."""
        if self.socket is not None:
            return self._serve_socket(server, self.socket)
        if self.address is not None:
            return self._serve_http(server, *self.address)
        if sys.stdin.isatty():
            say("waiting for an MCP client on stdin; Ctrl-D ends")
        with until_interrupted():
            anyio.run(server.run_stdio_async)
        return 0

    def _serve_http(self, server: MCPServer[None], host: str, port: int) -> int:
        from mcp_sdkgen_codemode.serve import Endpoint, serve_http

        try:
            endpoint = Endpoint(self.tokens, host, port)
        except ValueError as error:
            raise ConfigError(
                f"{self.origin}: {error}", hint="choose another, or remove it"
            ) from None
        say(f"requests need the header 'Authorization: Bearer TOKEN'; TOKEN is in {self.origin}")
        try:
            anyio.run(partial(serve_http, server, endpoint, lambda url: say(f"serving at {url}")))
        except OSError as error:
            raise ConfigError(
                f"--http {host}:{port}: {error.strerror}", hint="choose another port"
            ) from None
        return 0

    def _serve_socket(self, server: MCPServer[None], path: Path) -> int:
        from mcp_sdkgen_codemode.serve import serve_unix_socket

        try:
            anyio.run(partial(serve_unix_socket, server, path, lambda at: say(f"serving at {at}")))
        except OSError as error:
            raise ConfigError(
                f"--unix-socket {path}: {error.strerror or error}", hint="choose another path"
            ) from None
        return 0


def _address(http: str) -> tuple[str, int]:
    host, _, port = http.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"--http {http}: no port", hint="write 8000, or 127.0.0.1:8000")
    return host.strip("[]") or "127.0.0.1", int(port)


def _token() -> tuple[str, str]:
    """The bearer token, and where it is: given by the user, else made once and stored."""
    # Taken away, so that no server that is started gets it.
    given = os.environ.pop(TOKEN_VARIABLE, "")
    if given:
        return given, f"${TOKEN_VARIABLE}"
    path = state_folder() / TOKEN_FILE
    made: list[bytes] = []

    def make() -> bytes:
        made.append(secrets.token_urlsafe(32).encode())
        return made[0]

    try:
        found = own_secret(path, make)
    except OSError as error:
        raise ConfigError(
            f"the bearer token cannot be stored: {error.strerror or error}",
            hint=f"remove that file, or set ${TOKEN_VARIABLE}",
        ) from None
    token = found.decode("ascii", "replace").strip()
    if made == [found] and stderr.is_terminal:
        # To a person only: what is printed elsewhere may end up in a log that others read.
        say(f"a bearer token was made, and is shown this once: {token}")
    return token, shown_path(path)


def _tokens(path: Path) -> dict[str, str]:
    """The tokens of a file by name, written as in the static token file of Kubernetes."""
    os.environ.pop(TOKEN_VARIABLE, "")
    where = f"--token-file {shown_path(path)}"
    try:
        data = read_secret(path)
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"{where}: {why}", hint="links are refused, too") from None
    if data is None:
        raise ConfigError(f"{where}: there is no such file")
    tokens: dict[str, str] = {}
    rows = csv.reader(data.decode("ascii", "replace").splitlines())
    for number, row in enumerate(rows, 1):
        if not row:
            continue
        # Never the line itself: it has a token.
        if len(row) != 2 or not _NAME.fullmatch(row[1].strip()):
            raise ConfigError(
                f"{where}, line {number}: not TOKEN,NAME",
                hint="a name has letters, digits, `.`, `_` and `-`, at most 64",
            )
        token, name = row[0].strip(), row[1].strip()
        if name in tokens:
            raise ConfigError(f"{where}, line {number}: there is a token of {name!r} already")
        tokens[name] = token
    return tokens


def say(words: str) -> None:
    """Tell the user, who reads stderr."""
    stderr.print(safe(f"mcp-sdkgen: {words}"), soft_wrap=True)
