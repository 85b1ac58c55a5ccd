"""An MCP server with an authorisation server beside it, whose answers a test makes odd."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import odd_answers

Oddity = Callable[[str, dict[str, Any]], None]
"""Changes what is answered to a path, in place. `base` in it is the origin of the server."""
_TOKEN = {"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "scope": "a b"}


@dataclass
class Seen:
    """Where the server is, and what it was asked: registrations, scopes, and token requests."""

    url: str = ""
    base: str = ""
    registered: list[dict[str, Any]] = field(default_factory=list)
    scopes: list[str | None] = field(default_factory=list)
    tokens: list[tuple[str | None, dict[str, str]]] = field(default_factory=list)


def _answers(base: str) -> dict[str, dict[str, Any]]:
    endpoints = {f"{name}_endpoint": f"{base}/{name}" for name in ("token", "authorization")}
    return {
        "/.well-known/oauth-protected-resource/mcp": {
            "resource": f"{base}/mcp", "authorization_servers": [base],
        },
        "/elsewhere": {
            "resource": f"{base}/mcp", "authorization_servers": [base],
            "scopes_supported": ["elsewhere"],
        },
        "/.well-known/oauth-authorization-server": {
            "issuer": base, **endpoints, "registration_endpoint": f"{base}/register",
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
        },
        "/token": dict(_TOKEN),
    }  # fmt: skip


class Issuer(BaseHTTPRequestHandler):
    """Both servers."""

    protocol_version = "HTTP/1.1"
    seen: Seen
    odd: Oddity
    iss: str | None
    asks: str

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorization":
            query = dict(parse_qsl(parts.query))
            back = {"code": "c", "state": query["state"]}
            if self.iss is not None:
                back["iss"] = self.seen.base + self.iss
            self.seen.scopes.append(query.get("scope"))
            place = f"{query['redirect_uri']}?{urlencode(back)}"
            return self.answer(302, Location=place)
        return self.told(parts.path)

    def told(self, path: str, **more: Any) -> None:
        found = _answers(self.seen.base).get(path)
        if found is None and not more:
            return self.answer(404, {})
        body = {**(found or {}), **more}
        type(self).odd(path, body)
        return self.answer(201 if path == "/register" else 200, body)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/register":
            asked = json.loads(sent)
            self.seen.registered.append(asked)
            return self.told("/register", **asked, client_id="cid")
        if self.path == "/token":
            form = dict(parse_qsl(sent.decode()))
            self.seen.tokens.append((self.headers["Authorization"], form))
            return self.told("/token")
        if self.headers["Authorization"] != "Bearer at":
            return self.answer(401, {}, WWW_Authenticate=self.asks.replace("BASE", self.seen.base))
        message = json.loads(sent)
        if "id" not in message:
            return self.answer(202)
        return self.answer(200, odd_answers.reply(message))

    def do_DELETE(self) -> None:
        self.answer(200)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def odd_issuer(odd: Oddity, iss: str | None = None, asks: str = "Bearer") -> Iterator[Seen]:
    """A server that asks for a login. A browser comes back with its origin and `iss`.

    `asks` is its `WWW-Authenticate`, where `BASE` stands for the origin.
    """
    seen = Seen()

    members = {"seen": seen, "odd": staticmethod(odd), "iss": iss, "asks": asks}
    handler = type("Handler", (Issuer,), members)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    seen.base = f"http://127.0.0.1:{server.server_port}"
    seen.url = f"{seen.base}/mcp"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
