"""From an entry to a target: variables are replaced here, at connection time only."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ..errors import ConfigurationError
from ..files import read_heeded
from .auth import Auth, read_auth
from .display import home_folder
from .entries import is_header_value, is_web_address
from .entry import ServerConfig, Transport
from .targets import HttpTarget, StdioTarget

MAX_FILE_BYTES = 64 * 1024

# No possessive group: Python before 3.11.4 does not go back into one that ends in a look-ahead.
_VARIABLE = re.compile(r"\$\{([^{}$:]*+(?::(?!-)[^{}$:]*+)*(?::-[^{}]*+)?)([{}])")
_ENV_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=(.*)")


def bind(
    config: ServerConfig, environ: Mapping[str, str] | None = None
) -> StdioTarget | HttpTarget:
    """Where a server is, with the variables of `config` replaced.

    Knows `${VAR}`, `${env:VAR}`, both with `:-default`, `${input:id}`, `${file:path}`,
    `${workspaceFolder}`, `${workspaceFolderBasename}`, `${userHome}` and `${pathSeparator}`, from
    `environ` (the process's own when not given), and `~` at the start of a path. References such as
    `keyring://service/name` stay: `secrets.with_secrets` looks them up. Raises `ConfigurationError`
    that names the file, the key and the variable.
    """
    expand = _Expander(config, os.environ if environ is None else environ)
    if config.transport is Transport.STDIO:
        return _process(config, expand)
    url = expand(config.url, "url")
    if not is_web_address(url):
        raise expand.error("url is not an http or https address", "write it as https://host/path")
    headers = {key: expand(value, f"headers.{key}") for key, value in config.headers.items()}
    for key, value in headers.items():
        if not is_header_value(value):
            raise expand.error(
                f"the header {key!r} holds a line break",
                "a header is one line of text; check the variable it comes from",
            )
    auth = _auth(config, headers, expand)
    way: Literal["auto", "sse"] = "sse" if config.transport is Transport.SSE else "auto"
    return HttpTarget(url, headers, way, auth, config.untrusted, config.timeout_s)


def _process(config: ServerConfig, expand: _Expander) -> StdioTarget:
    env = _env_file(expand) if config.env_file else {}
    env.update({key: expand(value, f"env.{key}") for key, value in config.env.items()})
    command = expand(config.command, "command")
    args = tuple(expand(arg, f"args[{index}]") for index, arg in enumerate(config.args))
    if any("\0" in text for text in (command, *args, *env.values())):
        raise expand.error(
            "a NUL character in its command, arguments or environment",
            "check the variables that they use",
        )
    folder = config.workspace
    if config.cwd:
        folder /= _user_path(expand(config.cwd, "cwd"))
    return StdioTarget(
        command,
        args,
        env,
        str(folder) if folder.parts else None,
        config.untrusted,
        config.timeout_s,
    )


def _auth(config: ServerConfig, headers: Mapping[str, str], expand: _Expander) -> Auth | None:
    try:
        auth = read_auth(config.auth, lambda value: expand(str(value), "auth"))
    except (ValueError, TypeError) as error:
        raise expand.error(str(error), 'write "auth": "oauth"') from None
    if auth is not None and any(name.lower() == "authorization" for name in headers):
        raise expand.error("both `auth` and an Authorization header", "write one of them")
    return auth


class _Expander:
    """Replaces the variables in one server's values."""

    def __init__(self, config: ServerConfig, environ: Mapping[str, str]) -> None:
        self.config = config
        self._environ = environ

    def __call__(self, text: str, key: str) -> str:
        def value(match: re.Match[str]) -> str:
            if match[2] == "}":
                return self._value(match[1], key)
            if ":-" in match[1]:
                raise self.error(
                    f"{key} uses a default with braces in it: {match[0]}",
                    "write a default without braces, or set the variable",
                )
            return match[0]  # another language's, such as `${{ … }}`

        return _VARIABLE.sub(value, text)

    def error(self, what: str, hint: str) -> ConfigurationError:
        """The error that says where, for which server, and how to put it right."""
        return ConfigurationError(
            f"{self.config.origin}: {what}" if self.config.origin else what,
            hint=hint, server=self.config.name,
        )  # fmt: skip

    def text_of(self, name: str) -> str:
        """The text of a file; its path begins at the workspace.

        Raises `OSError`, also where another user may have a say in it, and `ValueError`.
        """
        path = self.config.workspace / _user_path(name)
        content = read_heeded(path, MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"it is longer than {MAX_FILE_BYTES} bytes")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise ValueError("it is not UTF-8 text") from None

    def _value(self, inside: str, key: str) -> str:
        workspace = self.config.workspace.absolute()
        if inside in ("workspaceFolder", "workspaceFolderBasename"):
            return str(workspace) if inside == "workspaceFolder" else workspace.name
        if inside in ("pathSeparator", "/"):
            return os.sep
        if inside == "userHome":
            return self._home(key)
        kind, colon, rest = inside.partition(":")
        if kind == "input" and colon:
            return self._input(rest, key)
        if kind == "file" and colon:
            return self._file(rest, key)
        name, _, default = (rest if kind == "env" and colon else inside).partition(":-")
        if ":" in name or not name.strip():
            raise self.error(
                f"{key} uses ${{{inside}}}, a variable of the program that owns this file",
                "write the value itself, or an environment variable as ${env:NAME}",
            )
        value = self._environ.get(name)
        if ":-" in inside:
            return value or default
        if value is None:
            raise self.error(
                f"{key} uses ${{{inside}}}, but {name} is not set in the environment",
                f"set {name}, or write a default as ${{{name}:-default}}",
            )
        return value

    def _home(self, key: str) -> str:
        home = home_folder()
        if home is None:
            raise self.error(f"{key} uses ${{userHome}}, but this user has no home", "set HOME")
        return str(home)

    def _input(self, identity: str, key: str) -> str:
        name = re.sub(r"\W", "_", identity).upper()
        for candidate in (f"INPUT_{name}", name, identity):
            if candidate in self._environ:
                return self._environ[candidate]
        default = self.config.inputs.get(identity)
        if default is not None:
            return default
        raise self.error(
            f"{key} uses ${{input:{identity}}}, which the editor asks the user for",
            f"set the environment variable INPUT_{name} or {name}",
        )

    def _file(self, name: str, key: str) -> str:
        try:
            return self.text_of(name).rstrip("\r\n")
        except (OSError, ValueError) as error:
            raise self.error(
                f"{key} uses ${{file:{name}}}, which cannot be read as text: {_reason(error)}",
                "check the path; it starts at the workspace folder",
            ) from None


def _env_file(expand: _Expander) -> dict[str, str]:
    try:
        lines = expand.text_of(expand(expand.config.env_file, "envFile")).splitlines()
    except (OSError, ValueError) as error:
        raise expand.error(
            f"envFile cannot be read as text: {_reason(error)}",
            "check the path; it starts at the workspace folder",
        ) from None
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _ENV_LINE.fullmatch(line)
        if match is None:
            raise expand.error(
                f"envFile: line {number} is not NAME=value", "write each value on one line"
            )
        found[match[1]] = _unquoted(match[2].strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _user_path(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # no such user, or a user without a home
        return Path(name)


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
