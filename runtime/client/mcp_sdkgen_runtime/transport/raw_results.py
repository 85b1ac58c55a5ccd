"""Keeps what a server lists exactly as it sent it.

`mcp` parses a page of definitions into its own models, which drop unknown keys and reject the
whole page for one bad definition. So the raw result of every list request is kept here, and the
session gets an empty page instead.
"""

from __future__ import annotations

from typing import Any, Final

from mcp_types import JSONRPCRequest, JSONRPCResponse

KEYS: Final = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}
"""Where the definitions are in the result of each method that lists."""
OPENING: Final = ("initialize", "server/discover")


class RawResults:
    """The raw results of one connection."""

    def __init__(self) -> None:
        self._results: dict[str, dict[str, Any]] = {}
        self._methods: dict[int | str, str] = {}

    def take(self, method: str) -> dict[str, Any]:
        """The last result of a method, which is forgotten then; empty if there is none."""
        return self._results.pop(method, {})

    def sent(self, request: JSONRPCRequest) -> None:
        """Note which method the id of a request belongs to."""
        if request.method in KEYS or request.method in OPENING:
            self._methods[request.id] = request.method

    def received(self, answer: JSONRPCResponse) -> JSONRPCResponse | None:
        """What the session is to get in place of an answer that is kept."""
        method = self._methods.pop(answer.id, None)
        if method is None:
            return None
        self._results[method] = answer.result
        if method in OPENING:
            # A copy, because the session adjusts the result that it gets.
            return answer.model_copy(update={"result": dict(answer.result)})
        empty = {KEYS[method]: [], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        return answer.model_copy(update={"result": empty})
