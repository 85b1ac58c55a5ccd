"""One entry of a configuration file, in the words of any of the programs, to a `ServerConfig`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..schema.references import escape
from .entry import ServerConfig, Transport

MAX_NAME_CHARACTERS = 200
_NO_NAME = "* ? [ ] \\ are for patterns, and `.` and `..` are parts of paths"

_TRANSPORTS = {
    "stdio": Transport.STDIO,
    "local": Transport.STDIO,
    "http": Transport.HTTP,
    "streamable-http": Transport.HTTP,
    "streamable_http": Transport.HTTP,
    "streamablehttp": Transport.HTTP,
    "remote": Transport.HTTP,
    "sse": Transport.SSE,
}


@dataclass(frozen=True)
class Place:
    """Where an entry stands: the file as it is shown, the pointer to it, its workspace folder."""

    file: str
    pointer: str
    workspace: Path

    def __truediv__(self, key: str) -> Place:
        token = escape(key)
        return Place(self.file, f"{self.pointer}/{token}", self.workspace)

    def __str__(self) -> str:
        return f"{self.file}:{self.pointer}" if self.pointer else self.file

    def error(self, what: str, fix: str) -> ConfigurationError:
        """A `ConfigurationError` that says the place, what is wrong and how to put it right."""
        return ConfigurationError(f"{self}: {what}", hint=fix)


def read_entry(
    name: str, entry: Any, place: Place, inputs: Mapping[str, str | None]
) -> ServerConfig:
    """Read one server's entry. Raises `ConfigurationError`."""
    check_name(name, place)
    if not isinstance(entry, dict):
        raise place.error("not an object", 'write {"command": …} or {"url": …}')
    command, args = _command(entry, place)
    url = next((entry[key] for key in ("httpUrl", "serverUrl", "url") if key in entry), "")
    if not isinstance(url, str):
        raise (place / "url").error("not text", "write the address as a string")
    transport = _transport(entry, command, url, place)
    if transport is Transport.STDIO:
        url = ""
    elif "$" not in url and not is_web_address(url):
        raise (place / "url").error("not an http or https address", "write it as https://host/path")
    return ServerConfig(
        name=name,
        transport=transport,
        command=command if transport is Transport.STDIO else "",
        args=args if transport is Transport.STDIO else (),
        env=_env(entry, place),
        env_file=_text(entry, "envFile", place),
        cwd=_text(entry, "cwd", place),
        url=url,
        headers=_headers(entry, place),
        auth=None if transport is Transport.STDIO else entry.get("auth"),
        timeout_s=_timeout(entry, place),
        origin=str(place),
        workspace=place.workspace,
        inputs=inputs,
    )


def check_name(name: str, place: Place) -> None:
    """Raises `ConfigurationError` for what is no name of a server: one that a policy would take for
    a pattern, that nobody can read or type, or that is a path. A slash may part a namespace from
    the name, as in the names of the MCP registry.
    """
    if not name.strip() or len(name) > MAX_NAME_CHARACTERS:
        raise place.error(
            f"a server's name has 1 to {MAX_NAME_CHARACTERS} characters", "give it a short name"
        )
    if not name.isprintable():
        raise place.error("a server's name has an invisible character", "write the name without it")
    if re.search(r"[*?\[\]\\]", name) or {"", ".", ".."} & {*name.split("/")}:
        raise place.error(
            f"{name!r} cannot be the name of a server: {_NO_NAME}", "use letters, digits, . - and _"
        )


def is_header_value(text: str) -> bool:
    """Whether it can be sent as a header's value: one line, without controls other than tabs."""
    return not re.search(r"[^\t -~\x80-\U0010ffff]", text)


def is_web_address(url: str) -> bool:
    """Whether `url` is an http or https address of a host."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and not re.search(r"[\s\0]", url)


def _command(entry: dict[str, Any], place: Place) -> tuple[str, tuple[str, ...]]:
    command, args = entry.get("command", ""), entry.get("args", [])
    if args is None:
        args = []
    if not isinstance(args, list):
        raise (place / "args").error("not a list", 'write ["first", "second"]')
    if isinstance(command, list):
        command, args = (command[0] if command else ""), [*command[1:], *args]
    if not isinstance(command, str):
        raise (place / "command").error("neither text nor a list", "write the program's name")
    words = []
    for index, arg in enumerate(args):
        if isinstance(arg, bool) or not isinstance(arg, str | int | float):
            raise (place / "args" / str(index)).error("not text", "write it as a string")
        words.append(str(arg))
    if any("\0" in word for word in (command, *words)):
        raise place.error("a NUL character in the command", "remove it")
    return command, tuple(words)


def _transport(entry: dict[str, Any], command: str, url: str, place: Place) -> Transport:
    kind = entry.get("type", entry.get("transport"))
    if kind is None:
        if bool(command) == bool(url):
            raise place.error(
                "both a command and a url" if command else "neither a command nor a url",
                'write one of "command" (a program to start) and "url" (where it runs)',
            )
        return Transport.STDIO if command else Transport.HTTP
    known = _TRANSPORTS.get(str(kind).lower())
    if known is None:
        raise (place / "type").error("an unknown transport", 'write "stdio", "http" or "sse"')
    needed = command if known is Transport.STDIO else url
    if not needed:
        key = "command" if known is Transport.STDIO else "url"
        raise place.error(f"type {known.value}, but no {key}", f'add "{key}"')
    return known


def _env(entry: dict[str, Any], place: Place) -> dict[str, str]:
    key = "environment" if "environment" in entry else "env"
    env = _strings(entry.get(key), place / key)
    passed_on = entry.get("env_vars") or []
    if not isinstance(passed_on, list):
        raise (place / "env_vars").error("not a list", 'write ["NAME"]')
    for index, item in enumerate(passed_on):
        name = item.get("name") if isinstance(item, dict) else item
        if not isinstance(name, str):
            raise (place / "env_vars" / str(index)).error("not a name", "write it as a string")
        # Codex passes these on from its own environment, and does without when unset.
        env.setdefault(name, f"${{{name}:-}}")
    for name, value in env.items():
        if not name or "=" in name or "\0" in name:
            raise (place / key).error("a variable with an impossible name", "rename it")
        if "\0" in value:
            raise (place / key / name).error("a NUL character in its value", "remove it")
    return env


def _headers(entry: dict[str, Any], place: Place) -> dict[str, str]:
    headers = _strings(entry.get("headers"), place / "headers")
    headers |= _strings(entry.get("http_headers"), place / "http_headers")
    for name, variable in _strings(
        entry.get("env_http_headers"), place / "env_http_headers"
    ).items():
        headers[name] = f"${{{variable}}}"
    if token := _text(entry, "bearer_token_env_var", place):
        headers["Authorization"] = f"Bearer ${{{token}}}"
    for name in headers:
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise (place / "headers").error("a header with an impossible name", "rename it")
        if not is_header_value(headers[name]):
            raise (place / "headers" / name).error(
                "holds a line break or another control character", "write one line of text"
            )
    return headers


def _strings(value: Any, place: Place) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise place.error("not an object", 'write {"NAME": "value"}')
    found = {}
    for name, text in value.items():
        if text is None:
            continue
        if not isinstance(text, str | int | float):
            raise (place / name).error("not text", "write it as a string")
        found[name] = str(text).lower() if isinstance(text, bool) else str(text)
    return found


def _text(entry: dict[str, Any], key: str, place: Place) -> str:
    value = entry.get(key) or ""
    if not isinstance(value, str):
        raise (place / key).error("not text", "write it as a string")
    if "\0" in value:
        raise (place / key).error("a NUL character in it", "remove it")
    return value


def _timeout(entry: dict[str, Any], place: Place) -> float | None:
    """Only keys that mean the time to start: elsewhere `timeout` is for calls, in mixed units."""
    for key, unit in (
        ("timeout_s", 1.0),
        ("startup_timeout_sec", 1.0),
        ("startup_timeout_ms", 1e-3),
    ):
        if key in entry:
            return seconds(entry[key], place / key) * unit
    return None


def seconds(value: Any, place: Place) -> float:
    """A positive number of seconds below a day. Raises `ConfigurationError`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 86_400_000:
        raise place.error("not a positive number", "write a number of seconds, such as 30")
    return float(value)
