"""Results as a server sent them, past `mcp`.

`mcp` parses a result into models of its own, which drop unknown keys and refuse all of it for one
odd member. So it gets the little that it works with, in the form it wants, and the result as it
came rides along in `_meta`, from where `raw_result` takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mcp_types import (
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCRequest,
    JSONRPCResponse,
    Result,
    ServerCapabilities,
    Tool,
)
from pydantic import BaseModel, ValidationError

from ..content.blocks import Notes, kind_of
from ..content.results import BARE
from .wire.envelope import CONTENT_KEYS, RequestId, too_many
from .wire.stand_in import StandIn

LISTS: Final = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}
"""Where the definitions are in the result of each method that lists."""
OPENINGS: Final = ("initialize", "server/discover")
_NOT_FINAL: Final = ("input_required", "task")
"""Types of results after which `mcp` goes on: see `mcp.Client.call_tool` and our `tasks`."""
_HEADER: Final = "x-mcp-header"
_MAX_DEPTH: Final = 100
_KEPT: Final = "mcp-sdkgen/raw"


class _Kept(int):
    """A result in a place where `mcp` copies and dumps what it finds: it sees a number."""

    result: dict[str, Any]


def wire_form(value: BaseModel) -> dict[str, Any]:
    """A protocol object as JSON data with wire keys, only what was sent."""
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True)


def raw_result(answer: Result) -> dict[str, Any]:
    """The result behind an `mcp` result, as the server sent it."""
    kept = (answer.meta or {}).get(_KEPT)
    return kept.result if isinstance(kept, _Kept) else wire_form(answer)


def error_for(number: RequestId, stand: StandIn) -> JSONRPCError:
    """The error that `mcp` gets in place of the answer to a request; `stand` is its data."""
    told = ErrorData(code=PARSE_ERROR, message=stand.what[:200], data=stand)
    return JSONRPCError(jsonrpc="2.0", id=number, error=told)


class RawResults:
    """Keeps the results of one connection from `mcp`'s models."""

    def __init__(self) -> None:
        self._methods: dict[RequestId, str] = {}

    def sent(self, request: JSONRPCRequest) -> None:
        """Note which method the id of a request belongs to."""
        if request.method in LISTS or request.method in OPENINGS or request.method in CONTENT_KEYS:
            self._methods[request.id] = request.method

    def failed(self, number: RequestId) -> None:
        """Forget a request that was answered by an error."""
        self._methods.pop(number, None)

    def received(self, answer: JSONRPCResponse) -> JSONRPCResponse | JSONRPCError:
        """What `mcp` is to get in place of an answer."""
        method = self._methods.pop(answer.id, None)
        sent = answer.result
        if BARE in sent and method not in CONTENT_KEYS:
            what = f"result: {kind_of(sent[BARE])} in place of an object"
            return error_for(answer.id, StandIn(what, sent[BARE], place="result"))
        if method is None:
            return answer
        if (crowd := too_many(method, sent)) is not None:
            return error_for(answer.id, crowd)
        if sent.get("resultType") in _NOT_FINAL:
            return answer
        if method in OPENINGS:
            little = _opening(sent)
        elif method == "tools/list":
            little = {"tools": _callable_tools(sent.get("tools")), **_cursor(sent)}
        elif method in LISTS:
            little = {LISTS[method]: [], **_cursor(sent)}
        else:
            little = {CONTENT_KEYS[method]: []}
        kept = _Kept()
        kept.result = sent
        meta = sent.get("_meta") if method in OPENINGS else None
        meta = {**(meta if isinstance(meta, dict) else {}), _KEPT: kept}
        little |= {"resultType": "complete", **_remembering(sent), "_meta": meta}
        return answer.model_copy(update={"result": little})


def _remembering(sent: Mapping[str, Any]) -> dict[str, Any]:
    """How long a result may be remembered, and by whom: not at all, where that is not clear."""
    ttl_ms, scope = sent.get("ttlMs"), sent.get("cacheScope")
    is_time = type(ttl_ms) is int and ttl_ms >= 0
    return {
        "ttlMs": ttl_ms if is_time else 0,
        "cacheScope": "public" if scope == "public" else "private",
    }


def _cursor(sent: Mapping[str, Any]) -> dict[str, str]:
    """That there are more pages, if so: `mcp` does not ask for them."""
    cursor = sent.get("nextCursor")
    return {} if cursor is None else {"nextCursor": str(cursor)}


def _callable_tools(given: Any) -> list[dict[str, Any]]:
    """What `mcp` needs of tools: which arguments are to be mirrored in headers."""
    found = []
    for tool in given if isinstance(given, list) else ():
        if not isinstance(tool, dict) or not isinstance(tool.get("name"), str):
            continue
        schema = _object(tool, "inputSchema")
        if not _names_header(schema):
            continue
        properties = _object(schema, "properties")
        named = {key: one for key, one in properties.items() if isinstance(one, dict)}
        rest = {key: one for key, one in schema.items() if key not in ("$schema", "required")}
        plain = {**rest, "type": "object", "properties": named}
        little = {"name": tool["name"], "inputSchema": plain}
        if _fits(Tool, little):
            found.append(little)
    return found


def _names_header(schema: Any) -> bool:
    """Whether an argument is to be mirrored in a header. Not in what is too deep for `mcp`."""
    level = [schema]
    found = False
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                found = found or _HEADER in node
                below += node.values()
            elif isinstance(node, list):
                below += node
        level = [node for node in below if isinstance(node, dict | list)]
        if not level:
            return found
    return False


def _opening(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What `mcp` needs of the first answer. What is missing that it cannot do without stays so."""
    capabilities = {
        key: value if _fits(ServerCapabilities, {key: value}) else {}
        for key, value in _object(sent, "capabilities").items()
        if value is not None and value is not False
    }
    info = _object(sent, "serverInfo")
    plain = {
        key: found if isinstance(found := info.get(key), str) else "" for key in ("name", "version")
    }
    little: dict[str, Any] = {
        key: sent[key] for key in ("protocolVersion", "supportedVersions") if key in sent
    }
    return {**little, "capabilities": capabilities, "serverInfo": plain}


def _object(sent: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = sent.get(key)
    return found if isinstance(found, dict) else {}


def oddities(method: str, sent: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a first answer is not as the protocol has it: a line for each place."""
    notes = Notes()
    instructions = sent.get("instructions")
    if not isinstance(sent.get("capabilities"), dict):
        notes.add("capabilities", _wrong(sent, "capabilities", "an object"))
    for key, value in _object(sent, "capabilities").items():
        if not isinstance(value, dict):
            notes.add(f"capabilities.{key}", f"{kind_of(value)} in place of an object")
        elif not _fits(ServerCapabilities, {key: value}):
            notes.add(f"capabilities.{key}", "has members of other types than the protocol's")
    if method == "initialize":
        info = sent.get("serverInfo")
        if not isinstance(info, dict):
            notes.add("serverInfo", _wrong(sent, "serverInfo", "an object"))
        elif wrong := [key for key in ("name", "version") if not isinstance(info.get(key), str)]:
            for key in wrong:
                notes.add(f"serverInfo.{key}", _wrong(info, key, "a text"))
    if not isinstance(instructions, str | None):
        notes.add("instructions", _wrong(sent, "instructions", "a text"))
    return notes.lines


def _wrong(given: Mapping[str, Any], key: str, wanted: str) -> str:
    return f"{kind_of(given[key])} in place of {wanted}" if key in given else "is missing"


def _fits(kind: type[BaseModel], value: Mapping[str, Any]) -> bool:
    try:
        kind.model_validate(value, by_name=False)
    except ValidationError:
        return False
    return True
