"""A client of 2025 that does what an SDK's client does not: hangs up, and says what is not so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx2

from tests.codemode.serve.driving import TOKEN

VERSION = "2025-11-25"


@dataclass
class Raw:
    """One client, by its token. With the `session` of another, it pretends to be that one."""

    url: str
    http: httpx2.Client
    token: str = TOKEN
    session: str = ""
    ids: Iterator[int] = field(default_factory=count)
    reading: list[Iterator[str]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """Of each request."""
        found = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json, text/event-stream",
        }
        if self.session:
            found |= {"Mcp-Session-Id": self.session, "Mcp-Protocol-Version": VERSION}
        return found

    def begin(self) -> None:
        """Initialize a session, whose user can be asked."""
        params = {
            "protocolVersion": VERSION,
            "capabilities": {"elicitation": {}},
            "clientInfo": {"name": "raw", "version": "1"},
        }
        answer = self.post(self.request("initialize", params))
        self.session = answer.headers["mcp-session-id"]
        self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """A request with an id of its own."""
        return {"jsonrpc": "2.0", "id": next(self.ids), "method": method, "params": params}

    def post(self, message: dict[str, Any]) -> httpx2.Response:
        """Send a message, and read all of the answer."""
        return self.http.post(self.url, headers=self.headers, json=message)

    def ping(self) -> int:
        """The HTTP status of a ping."""
        return self.post(self.request("ping", {})).status_code

    def run(self, program: str, connections: ExitStack) -> dict[str, Any]:
        """The question that a program asks, or its result; the connection stays open."""
        body = self.request("tools/call", {"name": "run", "arguments": {"program": program}})
        stream = self.http.stream("POST", self.url, headers=self.headers, json=body)
        lines = connections.enter_context(stream).iter_lines()
        connections.callback(self.reading.remove, lines)
        self.reading.append(lines)  # it hangs up when nobody refers to it any more
        return self.next_message()

    def next_message(self) -> dict[str, Any]:
        """The next message on the connection that was opened last."""
        for line in self.reading[-1]:
            if line.startswith("data: {"):
                message: dict[str, Any] = json.loads(line.removeprefix("data: "))
                if message.get("method") != "notifications/progress":
                    return message
        raise AssertionError("the server hung up")
