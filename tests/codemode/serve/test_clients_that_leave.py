"""Questions of a client that has gone, and how many programs one client may have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx2
import pytest

from tests.codemode.serve.driving import AUTHORIZED, REPORT, Home, call, data, over_http, text
from tests.patience import HANG_S

HEADERS = AUTHORIZED | {"Accept": "application/json, text/event-stream"}
VERSION = "2025-11-25"
MOST = 8


@dataclass
class Raw:
    """A client of 2025 whose connections can be cut, which an SDK's client does not do."""

    url: str
    http: httpx2.Client
    ids: Iterator[int] = field(default_factory=count)
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))
    reading: list[Iterator[str]] = field(default_factory=list)

    def begin(self) -> None:
        """Initialize a session, whose user can be asked."""
        params = {
            "protocolVersion": VERSION,
            "capabilities": {"elicitation": {}},
            "clientInfo": {"name": "raw", "version": "1"},
        }
        answer = self.http.post(
            self.url, headers=self.headers, json=self.request("initialize", params)
        )
        self.headers |= {
            "Mcp-Session-Id": answer.headers["mcp-session-id"],
            "Mcp-Protocol-Version": VERSION,
        }
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        self.http.post(self.url, headers=self.headers, json=ready)

    def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self.ids), "method": method, "params": params}

    def run(self, program: str, connections: ExitStack) -> dict[str, Any]:
        """The question that a program asks, or its result; the connection stays open."""
        body = self.request("tools/call", {"name": "run", "arguments": {"program": program}})
        stream = self.http.stream("POST", self.url, headers=self.headers, json=body)
        lines = connections.enter_context(stream).iter_lines()
        connections.callback(self.reading.remove, lines)
        self.reading.append(lines)  # it hangs up when nobody refers to it any more
        for line in lines:
            if line.startswith("data: {"):
                message: dict[str, Any] = json.loads(line.removeprefix("data: "))
                if message.get("method") != "notifications/progress":
                    return message
        raise AssertionError("the server hung up")


@pytest.mark.parametrize("deleted", [False, True], ids=["disconnected", "deleted"])
@pytest.mark.parametrize("suspends", [False, True], ids=["ends", "suspends"])
def test_the_places_of_a_client_that_left_are_free_again(
    place: Home, deleted: bool, suspends: bool
) -> None:
    with (
        over_http(place, *(["--suspend"] if suspends else [])) as (url, _),
        httpx2.Client(timeout=HANG_S) as http,
    ):
        call(url, "run", program="1")  # the SDKs are there from now on
        raw = Raw(url, http)
        raw.begin()
        before = waiting(place)
        with ExitStack() as connections:
            for _ in range(MOST):
                assert raw.run(REPORT, connections)["method"] == "elicitation/create"
            refused = str(raw.run("1", connections))
            assert f"{MOST} programs of this client are under way" in refused
            assert data(call(url, "run", program="6 * 7"))["value"] == 42
            if deleted:
                assert http.delete(url, headers=raw.headers).status_code == 200
                raw = Raw(url, http)
                raw.begin()
        # All sixteen places, and none of them is taken by who has gone.
        while "under way" in (answer := str(again(raw))):
            pass
        assert "'value': 42" in answer
        while suspends and not deleted and waiting(place) < before + MOST:
            pass


def waiting(place: Home) -> int:
    return place.cli("approve").stdout.count(": waits for weather/report_observation")


def again(raw: Raw) -> dict[str, Any]:
    with ExitStack() as connections:
        return raw.run("6 * 7", connections)


def test_the_limit_of_all_clients_is_told_as_such(place: Home) -> None:
    with over_http(place) as (url, _), httpx2.Client(timeout=HANG_S) as http, ExitStack() as stack:
        call(url, "run", program="1")
        for _ in range(2):
            raw = Raw(url, http)
            raw.begin()
            for _ in range(MOST):
                assert raw.run(REPORT, stack)["method"] == "elicitation/create"
        assert "for all of its clients" in text(call(url, "run", program="1"))
