"""Where a server lives: the one thing an SDK never contains."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import BindingError, ConfigurationError, SdkError
from ..text import shortened
from .targets import BindingWrapper, HttpTarget, MemoryTarget, StdioTarget, Target

if TYPE_CHECKING:
    from .entry import Servers

Binding: TypeAlias = Any
"""What may say where a server is: a URL; a command as one string or a list; an `mcp.json` entry or
other mapping with `command` or `url`; the path of such a file; an in-memory `mcp` server; a
session; a cassette."""


_configured: dict[str, Binding] = {}
_of_variables: dict[tuple[str, str], str] = {}
"""For which server each variable, with its value, was read first."""
_only_trusted = False


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


def heed_only_trusted_files() -> None:
    """From now on this process takes servers from a file that it finds only if its user has trusted
    the file: for programs that are started in folders which their user did not choose."""
    global _only_trusted
    _only_trusted = True


def resolve(server: str, explicit: Binding | None = None) -> Target:
    """Find where `server` is: explicit, configured, environment, nearest configuration file.

    Reads the environment and files, connects to nothing. Variables are replaced now; `keyring://`
    and `file:///` values are looked up when a connection opens. Raises `BindingError` that names
    every place looked at, and `ConfigurationError` for a file or an entry that cannot be used: no
    further file is then asked, which might mean another server by the same name.
    """
    looked: list[str] = []
    not_trusted = False
    for place, find in _places(server, explicit):
        try:
            binding, note = find()
            if isinstance(binding, BindingWrapper):
                kind = type(binding).__name__.lower()
                binding, note = binding.binding, f"a {kind} that has no binding"
            if binding is not None:
                return target_of(binding, server, place)
        except ConfigurationError as error:
            raise ConfigurationError(error.problem, hint=error.hint, server=server) from None
        looked.append(f"{place}: {note}")
        not_trusted |= note.startswith(_NOT_TRUSTED)
    variable = variable_name(server)
    raise BindingError(
        f"nothing says how to reach this server. Set {variable} to a URL or a command, pass "
        f"`binding=`, call `mcp_sdkgen_runtime.configure`, or add {server!r} to an mcp.json.",
        server=server,
        looked=looked,
        not_trusted=not_trusted,
    )


def shown_binding(binding: Binding, server: str) -> str:
    """Where a binding leads, for people: without credentials, and without connecting."""
    from .command_line import shown_args
    from .display import shown_path, shown_url

    if isinstance(binding, os.PathLike):
        return shown_path(Path(binding))
    if isinstance(binding, BindingWrapper) or hasattr(binding, "call"):
        return type(binding).__name__
    try:
        target = target_of(binding, server, "")
    except (SdkError, OSError, ValueError):
        return type(binding).__name__
    if isinstance(target, HttpTarget):
        return shown_url(target.url)
    if isinstance(target, StdioTarget):
        return " ".join(shown_args([target.command, *target.args]))
    return type(target.server).__name__


def variable_name(server: str) -> str:
    """The environment variable that can hold a server's binding."""
    return "MCP_BINDING_" + re.sub(r"[^A-Z0-9]", "_", server.upper())


_NOT_TRUSTED = "skipped, since you have not trusted it as it is now"
_Found = tuple[Binding | None, str]


def _places(server: str, explicit: Binding | None) -> Iterator[tuple[str, Callable[[], _Found]]]:
    yield "the binding= argument", lambda: (explicit, "not given")
    yield "mcp_sdkgen_runtime.configure", lambda: (_configured.get(server), "not called for it")
    variable = variable_name(server)
    yield f"environment variable {variable}", partial(_from_variable, variable, server)
    named = os.environ.get("MCP_SDKGEN_CONFIG")
    if named:
        yield f"MCP_SDKGEN_CONFIG={named}", lambda: _named(named, server)
    else:
        yield "environment variable MCP_SDKGEN_CONFIG", lambda: (None, "not set")
    # Deferred: most clients find their server in a place before this.
    from .mcp_json import candidates

    start = Path.cwd()
    found = list(candidates(start))
    heeded = [path for path, refused in found if not refused]
    for path, refused in found:
        if refused:
            yield str(path), partial(_passed_over, refused)
        else:
            further = heeded[heeded.index(path) + 1 :]
            yield str(path), partial(_found_entry, path, server, further)
    if not found:
        note = "no mcp-sdkgen.toml, mcp.json, .mcp.json, .cursor/mcp.json or .vscode/mcp.json"
        yield f"{start} and the folders above it", lambda: (None, note)


def _from_variable(variable: str, server: str) -> _Found:
    value = os.environ.get(variable)
    if not value:
        return None, "not set"
    other = _of_variables.setdefault((variable, value), server)
    if other != server:
        raise ConfigurationError(
            f"{variable} would say where both {other!r} and {server!r} are",
            hint="rename one of them, or name each in a configuration file or with `binding=`",
        )
    return value, ""


def _named(name: str, server: str) -> _Found:
    from .mcp_json import servers_of

    try:
        return _entry(Path(name), server, servers_of(Path(name)))
    except ConfigurationError as error:
        raise ConfigurationError(f"MCP_SDKGEN_CONFIG: {error.problem}", hint=error.hint) from None


def _entry(path: Path, server: str, servers: Servers) -> _Found:
    from .display import shown_path
    from .variables import bind

    for config in servers.usable:
        if config.name == server:
            return bind(config), ""
    for name, error in servers.broken:
        if name == server:
            raise error
    names = [one.name for one in servers.usable] + [name for name, _ in servers.broken]
    if any(name == server for name, _ in servers.disabled):
        raise ConfigurationError(
            f"{shown_path(path)}: {server!r} is disabled",
            hint="enable it there, or pass `binding=`",
        )
    known = ", ".join(map(shortened, sorted(names)[:8]))
    return None, f"no entry {server!r}" + (f" (it has {known})" if known else "")


def _passed_over(why: str) -> _Found:
    return None, f"skipped, since it {why}"


def _found_entry(path: Path, server: str, further: Sequence[Path]) -> _Found:
    from .mcp_json import found_servers
    from .trust import found_content, is_trusted

    content = found_content(path)
    if _only_trusted and not is_trusted(path, content):
        command = shlex.join(["mcp-sdkgen", "trust", str(path)])
        return None, f"{_NOT_TRUSTED}; to trust it: {command}"
    return _entry(path, server, found_servers(path, content, further))


def target_of(binding: Binding, server: str, place: str) -> Target:
    """Read one binding. Raises `BindingError` when it is none of the known kinds."""
    if isinstance(binding, StdioTarget | HttpTarget | MemoryTarget):
        return binding
    if isinstance(binding, os.PathLike):
        from .mcp_json import servers_of

        found, note = _entry(Path(binding), server, servers_of(Path(binding)))
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
    from .entries import Place, read_entry
    from .mcp_json import is_disabled
    from .variables import bind

    if is_disabled(entry):
        raise ConfigurationError(f"{place}: the server is disabled", hint="leave `disabled` out")
    return bind(read_entry(server, _json_form(entry), Place(place, "", Path()), {}))


def _json_form(value: Any) -> Any:
    """A binding from Python code as the data that a file would hold, without paths and tuples."""
    if isinstance(value, Mapping):
        return {str(key): _json_form(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json_form(each) for each in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value
