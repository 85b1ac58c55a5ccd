"""From a configuration to a binding: variables are replaced here, at connection time only."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from mcp_sdkgen_runtime import BindingError
from mcp_sdkgen_runtime.config.auth import Auth, read_auth
from mcp_sdkgen_runtime.config.secrets import with_secrets
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget

from ..errors import ConfigError
from .entry import ServerConfig, Transport

MAX_FILE_BYTES = 64 * 1024

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_ENV_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$")


@dataclass(frozen=True, repr=False)
class Binding:
    """Where one server is and how to log in, with all variables replaced. Never print one."""

    config: ServerConfig
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    url: str = ""
    headers: Mapping[str, str] | None = None
    auth: Auth | None = None

    def __repr__(self) -> str:
        return f"Binding({self.config!r})"


def bind(config: ServerConfig, environ: Mapping[str, str] | None = None) -> Binding:
    """Replace the variables of `config` from `environ` (the process's own when not given).

    Knows `${VAR}`, `${env:VAR}`, both with `:-default`, `${input:id}`, `${file:path}`,
    `${workspaceFolder}`, `${workspaceFolderBasename}`, `${userHome}` and `${pathSeparator}`; then
    looks up `keyring://service/name` and `file:///path`.
    Raises `ConfigError` naming the server, the key and the variable.
    """
    expand = _Expander(config, os.environ if environ is None else environ)
    if config.transport is not Transport.STDIO:
        url = expand(config.url, "url")
        _check_url(url, config)
        headers = {key: expand(value, f"headers.{key}") for key, value in config.headers.items()}
        for key, value in headers.items():
            if re.search(r"[\r\n\0]", key + value):
                raise ConfigError(
                    f"{config.name}: {config.origin}: the header {key!r} holds a line break",
                    hint="a header is one line of text; check the variable it comes from",
                )
        target = _looked_up(HttpTarget(url, headers, auth=_auth(config, expand)), config)
        return Binding(config, url=url, headers=target.headers, auth=target.auth)
    cwd = Path(expand(config.cwd, "cwd")).expanduser() if config.cwd else Path()
    env = _env_file(expand(config.env_file, "envFile"), config) if config.env_file else {}
    env.update({key: expand(value, f"env.{key}") for key, value in config.env.items()})
    return Binding(
        config,
        command=expand(config.command, "command"),
        args=tuple(expand(arg, f"args[{index}]") for index, arg in enumerate(config.args)),
        env=_looked_up(StdioTarget("", env=env), config).env,
        cwd=config.workspace / cwd,
    )


_T = TypeVar("_T", HttpTarget, StdioTarget)


def _looked_up(target: _T, config: ServerConfig) -> _T:
    try:
        return with_secrets(target, config.name)
    except BindingError as error:
        raise ConfigError(
            f"{config.origin}: {error}", hint="check where the value points at"
        ) from None


def _auth(config: ServerConfig, expand: _Expander) -> Auth | None:
    try:
        return read_auth(config.auth, lambda value: expand(str(value), "auth"))
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{config.name}: {config.origin}: {error}", hint='write "auth": "oauth"'
        ) from None


class _Expander:
    """Replaces the variables in one server's values."""

    def __init__(self, config: ServerConfig, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ

    def __call__(self, text: str, key: str) -> str:
        return _VARIABLE.sub(lambda match: self._value(match[1], key), text)

    def _value(self, inside: str, key: str) -> str:
        workspace = self._config.workspace.absolute()
        fixed = {
            "workspaceFolder": str(workspace),
            "workspaceFolderBasename": workspace.name,
            "userHome": str(Path.home()),
            "pathSeparator": os.sep,
            "/": os.sep,
        }
        if inside in fixed:
            return fixed[inside]
        kind, colon, rest = inside.partition(":")
        if kind == "input" and colon:
            return self._input(rest, key)
        if kind == "file" and colon:
            return self._file(rest, key)
        name, _, default = (rest if kind == "env" and colon else inside).partition(":-")
        has_default = ":-" in inside
        if ":" in name or not name.strip():
            raise self._error(
                key, f"${{{inside}}}, a variable that only the program of this file knows",
                "write the value itself, or an environment variable as ${env:NAME}",
            )  # fmt: skip
        value = self._environ.get(name)
        if has_default:
            return value or default
        if value is None:
            raise self._error(
                key, f"${{{inside}}}, but {name} is not set in the environment",
                f"set {name}, or write a default as ${{{name}:-default}}",
            )  # fmt: skip
        return value

    def _input(self, identity: str, key: str) -> str:
        name = re.sub(r"\W", "_", identity).upper()
        for candidate in (f"INPUT_{name}", name, identity):
            if candidate in self._environ:
                return self._environ[candidate]
        default = self._config.inputs.get(identity)
        if default is not None:
            return default
        raise self._error(
            key, f"${{input:{identity}}}, which the editor asks the user for",
            f"set the environment variable INPUT_{name} or {name}",
        )  # fmt: skip

    def _file(self, name: str, key: str) -> str:
        path = self._config.workspace / Path(name).expanduser()
        try:
            with path.open("rb") as file:
                return file.read(MAX_FILE_BYTES).decode().rstrip("\r\n")
        except (OSError, UnicodeDecodeError, ValueError):
            raise self._error(
                key, f"${{file:{name}}}, which cannot be read as text", "check the path"
            ) from None

    def _error(self, key: str, what: str, hint: str) -> ConfigError:
        return ConfigError(
            f"{self._config.name}: {self._config.origin}: {key} uses {what}", hint=hint
        )


def _env_file(name: str, config: ServerConfig) -> dict[str, str]:
    path = config.workspace / Path(name).expanduser()
    try:
        with path.open("rb") as file:
            lines = file.read(MAX_FILE_BYTES).decode().splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        raise ConfigError(
            f"{config.name}: {config.origin}: envFile cannot be read as text",
            hint="check the path; it starts at the workspace folder",
        ) from None
    found = (_ENV_LINE.match(line) for line in lines if not line.lstrip().startswith("#"))
    return {match[1]: _unquoted(match[2]) for match in found if match}


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _check_url(url: str, config: ServerConfig) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"[\s\0]", url):
        raise ConfigError(
            f"{config.name}: {config.origin}: url is no http or https address",
            hint="write it as https://host/path",
        )
