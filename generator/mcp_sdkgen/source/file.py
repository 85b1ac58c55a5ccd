"""Tool lists that somebody saved in a file, in any of the usual shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..diagnostic import Diagnostic, Level
from ..errors import SourceError
from ..snapshot import Snapshot
from .bounds import admit

SERVER_INFO_KEY = "io.modelcontextprotocol/serverInfo"


def is_saved(data: object) -> bool:
    """Whether parsed JSON holds a `tools/list` result, or the error that came in its place."""
    if isinstance(data, list):
        return all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in data)
    if not isinstance(data, dict):
        return False
    if "jsonrpc" in data:
        return "result" in data or "error" in data
    inner = data.get("result")
    return isinstance(data.get("tools"), list) or (
        isinstance(inner, dict) and isinstance(inner.get("tools"), list)
    )


def saved(data: Any, *, default_name: str, shown: str) -> Snapshot:
    """The snapshot that a saved list makes.

    Reads a bare list, `{"tools": […]}`, a JSON-RPC response around one, and files that also hold
    the server's information, prompts, resources and resource templates. `shown` is the file's
    name for messages. Raises `SourceError` when the file holds an error response, and
    `SnapshotError` when it nests too deep.
    """
    if isinstance(data, list):
        data = {"tools": data}
    if "error" in data and "jsonrpc" in data:
        raise SourceError(
            f"{shown}: it holds an error response, not a tool list", hint="save the list again"
        )
    name = _text(data, "server") or default_name
    if "tools" not in data and isinstance(data.get("result"), dict):
        data = data["result"]
    if not isinstance(data.get("tools"), list):
        raise SourceError(f"{shown}: it holds no list of tools", hint="save a tools/list result")
    discover = _object(data, "discover")
    parts = {
        key: _list(data, names)
        for key, names in (
            ("prompts", ("prompts",)),
            ("resources", ("resources",)),
            ("resource_templates", ("resource_templates", "resourceTemplates")),
        )
    }
    tools, diagnostics = admit("tools", data["tools"], name)
    for kind, items in parts.items():
        parts[kind], found = admit(kind, items, name)
        diagnostics += found
    if data.get("nextCursor") is not None:
        diagnostics.append(
            Diagnostic(
                Level.WARNING, "incomplete-list",
                "the file holds one page of several: it has a nextCursor", server=name,
            )
        )  # fmt: skip
    return Snapshot.of(
        name,
        tools,
        **{kind: tuple(items) for kind, items in parts.items()},
        server_info=_server_info(data, discover),
        capabilities=_object(data, "capabilities") or _object(discover, "capabilities"),
        instructions=_text(data, "instructions") or _text(discover, "instructions"),
        protocol_version=_version(data, discover),
        diagnostics=diagnostics,
    )


def _server_info(data: Mapping[str, Any], discover: Mapping[str, Any]) -> dict[str, Any]:
    for holder in (data, discover):
        for key in ("server_info", "serverInfo"):
            if info := _object(holder, key):
                return info
        if info := _object(_object(holder, "_meta"), SERVER_INFO_KEY):
            return info
    return _object(_object(_object(data, "tools_result_extras"), "_meta"), SERVER_INFO_KEY)


def _version(data: Mapping[str, Any], discover: Mapping[str, Any]) -> str:
    supported = discover.get("supportedVersions")
    if isinstance(supported, list):
        versions = sorted(version for version in supported if isinstance(version, str))
        if versions:
            return versions[-1]
    return _text(data, "protocol_version") or _text(data, "protocolVersion")


def _object(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _list(data: Mapping[str, Any], keys: tuple[str, ...]) -> list[Any]:
    for key in keys:
        if isinstance(data.get(key), list):
            return list(data[key])
    return []
