"""Where a server lives: the one thing an SDK never contains."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ..errors import BindingError
from ..text import shortened
from .auth import Auth, read_auth
from .mcp_json import read_entries, search_places
from .targets import BindingWrapper, HttpTarget, MemoryTarget, StdioTarget, Target
from .trust import is_trusted

Binding: TypeAlias = Any
"""What may say where a server is: a URL; a command as one string or a list; an `mcp.json` entry or
other mapping with `command` or `url`; the path of such a file; an in-memory `mcp` server; a
session; a cassette."""


_configured: dict[str, Binding] = {}


def configure(bindings: Mapping[str, Binding] | None = None, /, **servers: Binding) -> None:
    """Say where servers are, for every client made without an explicit binding.

    `configure(weather="https://…/mcp")` or `configure({"my-server": ["uvx", "my-server"]})`. Keys
    are server names as in `mcp.json`; None forgets one. Applies to connections opened afterwards.
    """
    for server, binding in {**(bindings or {}), **servers}.items():
        if binding is None:
            _configured.pop(server, None)
        else:
            _configured[server] = binding


def configured(server: str) -> Binding | None:
    """What `configure` said about a server, or None."""
    return _configured.get(server)


def resolve(server: str, explicit: Binding | None = None) -> Target:
    """Find where `server` is: explicit, configured, environment, nearest configuration file.

    Reads the environment and files, connects to nothing. `${VAR}`, `${env:VAR}` and
    `${VAR:-default}` are expanded now; `keyring://` and `file:///` values when a connection opens.
    Raises `BindingError` that names every place looked at.
    """
    looked: list[str] = []
    for place, find in _places(server, explicit):
        binding, note = find()
        if isinstance(binding, BindingWrapper):
            kind = type(binding).__name__.lower()
            binding, note = binding.binding, f"a {kind} that has no binding"
        if binding is not None:
            return target_of(binding, server, place)
        looked.append(f"{place}: {note}")
    variable = variable_name(server)
    raise BindingError(
        f"nothing says how to reach this server. Set {variable} to a URL or a command, pass "
        f"`binding=`, call `mcp_sdkgen_runtime.configure`, or add {server!r} to an mcp.json.",
        server=server,
        looked=looked,
    )


def variable_name(server: str) -> str:
    """The environment variable that can hold a server's binding."""
    return "MCP_BINDING_" + re.sub(r"[^A-Z0-9]", "_", server.upper())


_Found = tuple[Binding | None, str]


def _places(server: str, explicit: Binding | None) -> Iterator[tuple[str, Callable[[], _Found]]]:
    yield "the binding= argument", lambda: (explicit, "not given")
    yield "mcp_sdkgen_runtime.configure", lambda: (_configured.get(server), "not called for it")
    variable = variable_name(server)
    yield f"environment variable {variable}", lambda: (os.environ.get(variable) or None, "not set")
    named = os.environ.get("MCP_SDKGEN_CONFIG")
    if named:
        yield f"MCP_SDKGEN_CONFIG={named}", lambda: _entry(Path(named), server)
    else:
        yield "environment variable MCP_SDKGEN_CONFIG", lambda: (None, "not set")
    files = search_places(Path.cwd())
    if not files:
        note = "no mcp.json, .mcp.json, .cursor/mcp.json or .vscode/mcp.json"
        yield f"{Path.cwd()} and the folders above it", lambda: (None, note)
    for path in files:
        yield str(path), partial(_entry if is_trusted(path, Path.cwd()) else _foreign, path, server)


def _entry(path: Path, server: str) -> _Found:
    entries, problem = read_entries(path)
    if server in entries:
        return _placed(entries[server], path), ""
    known = ", ".join(map(shortened, sorted(entries)[:8]))
    return None, problem or f"no entry {server!r}" + (f" (it has {known})" if known else "")


def _foreign(path: Path, server: str) -> _Found:
    return None, "passed over, since it belongs to another user; name it in MCP_SDKGEN_CONFIG"


def _placed(entry: Any, path: Path) -> Any:
    """An entry whose server runs in the folder of its file, as mcp-sdkgen itself runs it."""
    if not isinstance(entry, Mapping):
        return entry
    folder = path.absolute().parent
    folder = folder.parent if folder.name in (".cursor", ".vscode") else folder
    given = str(entry.get("cwd") or "")
    # A variable or ~ may stand for an absolute path.
    return entry if given.startswith(("${", "~")) else {**entry, "cwd": str(folder / given)}


def target_of(binding: Binding, server: str, place: str) -> Target:
    """Read one binding. Raises `BindingError` when it is none of the known kinds."""
    if isinstance(binding, StdioTarget | HttpTarget | MemoryTarget):
        return binding
    if isinstance(binding, os.PathLike):
        found, note = _entry(Path(binding), server)
        if found is None:
            raise BindingError(f"{place}: {os.fspath(binding)}: {note}", server=server)
        return target_of(found, server, str(os.fspath(binding)))
    if isinstance(binding, str):
        return _from_text(binding.strip(), server, place)
    if isinstance(binding, Mapping):
        return _from_entry(binding, server, place)
    if isinstance(binding, Sequence):
        words = [os.fspath(w) if isinstance(w, os.PathLike) else w for w in binding]
        if words and all(isinstance(word, str) for word in words):
            return StdioTarget(words[0], tuple(words[1:]))
    elif _is_mcp_server(binding):
        return MemoryTarget(binding)
    elif hasattr(binding, "command") and hasattr(binding, "args"):
        return _from_entry({k: getattr(binding, k, None) for k in _STDIO_KEYS}, server, place)
    # Only its type is told: whatever was given may hold a credential.
    kind = type(binding).__name__
    raise BindingError(f"{place}: cannot make a binding of this {kind}", server=server)


_STDIO_KEYS = ("command", "args", "env", "cwd")


def _is_mcp_server(value: object) -> bool:
    # By name, because importing `mcp` to ask costs a second.
    return any(kind.__module__.split(".")[:2] == ["mcp", "server"] for kind in type(value).__mro__)


def _from_text(text: str, server: str, place: str) -> Target:
    if text.startswith(("{", "[")):
        import json

        try:
            return target_of(json.loads(text), server, place)
        except ValueError as error:
            raise BindingError(f"{place}: looks like JSON, but {error}", server=server) from error
    if re.match(r"https?://", text, re.IGNORECASE):
        return HttpTarget(text)
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise BindingError(f"{place}: not a command: {error}", server=server) from error
    if not words or "://" in words[0]:
        raise BindingError(f"{place}: neither an http(s) URL nor a command", server=server)
    return StdioTarget(words[0], tuple(words[1:]))


def _from_entry(entry: Mapping[str, Any], server: str, place: str) -> Target:
    def value(found: Any) -> str:
        return expanded(str(found), server, place)

    def table(found: Any) -> dict[str, str]:
        return {str(k): value(v) for k, v in (found or {}).items() if v is not None}

    try:
        if entry.get("command"):
            words = entry["command"]
            # opencode writes the command and its arguments as one list.
            words = [words] if isinstance(words, str) else list(words)
            words = [value(word) for word in [*words, *(entry.get("args") or ())]]
            cwd = entry.get("cwd")
            env = table(entry.get("env") or entry.get("environment"))
            return StdioTarget(words[0], tuple(words[1:]), env, value(cwd) if cwd else None)
        for key in ("url", "serverUrl", "httpUrl"):
            if entry.get(key):
                url, headers = value(entry[key]), table(entry.get("headers"))
                auth = _auth(entry, headers, value, server, place)
                return HttpTarget(url, headers, _kind(entry), auth)
    except (TypeError, AttributeError) as error:
        raise BindingError(f"{place}: malformed entry: {error}", server=server) from error
    raise BindingError(f"{place}: the entry has neither `command` nor `url`", server=server)


def _auth(
    entry: Mapping[str, Any],
    headers: Mapping[str, str],
    value: Callable[[Any], str],
    server: str,
    place: str,
) -> Auth | None:
    try:
        auth = read_auth(entry.get("auth"), value)
        if auth is not None and any(name.lower() == "authorization" for name in headers):
            raise ValueError("both `auth` and an Authorization header; write one of them")
    except ValueError as error:
        raise BindingError(f"{place}: {error}", server=server) from None
    return auth


def _kind(entry: Mapping[str, Any]) -> Literal["auto", "http", "sse"]:
    named = str(entry.get("type") or entry.get("transport") or "").lower().replace("_", "-")
    if named == "sse":
        return "sse"
    return "http" if "http" in named else "auto"


_VARIABLE = re.compile(r"\$\{(?P<kind>[a-z]+:)?(?P<name>[^}:]+)(?::-(?P<default>[^}]*))?\}")


def expanded(text: str, server: str, place: str) -> str:
    """`text` with `${VAR}`, `${env:VAR}` and `${VAR:-default}` replaced from the environment.

    Raises `BindingError` for a variable that is not set and has no default.
    """

    def replacement(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if match["kind"] not in (None, "env:"):
            raise BindingError(
                f"{place}: {match[0]} is known only to the editor this file belongs to; write "
                "${env:NAME} and set the variable instead",
                server=server,
            )
        found = os.environ.get(name)
        if not found and default is not None:
            return default
        if found is None:
            raise BindingError(
                f"{place}: needs the environment variable {name}, which is not set", server=server
            )
        return found

    return _VARIABLE.sub(replacement, text)
