"""Logging in, seeing who is logged in, and forgetting it. What `mcp-sdkgen login` stands on."""

from __future__ import annotations

import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.to_thread

from ..config.auth import OAuth
from ..config.binding import Binding, resolve
from ..config.targets import HttpTarget
from ..errors import BindingError, SessionError
from ..oauth.token_store import Login, LoginStore, resource_of
from ..options import SessionOptions

if TYPE_CHECKING:
    from .mcp_session import McpSession

LOGIN_TIMEOUT_S: Final = 300.0
HEADLESS_PORT: Final = 8976
_POLL_S: Final = 0.1
_PAGE: Final = b"<!doctype html><title>mcp-sdkgen</title><p>Done. You can close this page.</p>"


async def login(
    server: str,
    binding: Binding | None = None,
    *,
    tell: Callable[[str], None] = print,
    read: Callable[[], str] | None = None,
    open_url: Callable[[str], object] = webbrowser.open,
    port: int = 0,
    timeout_s: float = LOGIN_TIMEOUT_S,
) -> Login:
    """Log in to a server and keep the tokens, in place of an older login.

    The authorisation server's address is given to `tell` and to `open_url`, and the browser comes
    back to a loopback `port` (0 for any). With `read`, nothing is opened or listened to: `read`
    returns the address that the browser ended at. Raises `BindingError` and `SessionError`.
    """
    target = http_target(server, binding)
    if target.auth is None:
        target = replace(target, auth=OAuth())
    elif not isinstance(target.auth, OAuth):
        raise BindingError("client credentials need no login", server=server)

    from .mcp_session import McpSession

    options, began = SessionOptions(connect_timeout_s=timeout_s), time.time()
    if read is not None:
        await _connect(McpSession(server, target, options, person=_Pasting(tell, read, port)))
    else:
        with _Browser(tell, open_url, port) as browser:
            await _connect(McpSession(server, target, options, person=browser))
    found = await anyio.to_thread.run_sync(LoginStore().logins)
    for each in found:
        # An older login is no sign that the server asked for one now.
        if each.resource == resource_of(target.url) and each.saved_at >= began:
            return each
    raise SessionError("the server did not ask for a login", server=server, ran=False)


def logins(server: str | None = None, binding: Binding | None = None) -> list[Login]:
    """The logins that are kept: all, or those for one server. No token is in them."""
    kept = LoginStore().logins()
    if server is None:
        return kept
    resource = resource_of(http_target(server, binding).url)
    return [each for each in kept if each.resource == resource]


def logout(server: str, binding: Binding | None = None) -> list[Login]:
    """Forget the logins for a server; returns them. Its tokens are removed here, not revoked."""
    return LoginStore().forget(resource_of(http_target(server, binding).url))


def http_target(server: str, binding: Binding | None) -> HttpTarget:
    """Where a server is, if that is a URL. Raises `BindingError`."""
    target = resolve(server, binding)
    if not isinstance(target, HttpTarget):
        raise BindingError("only servers at a URL have logins", server=server)
    return target


async def _connect(session: McpSession) -> None:
    try:
        await session.connect()
    finally:
        await session.aclose()


class _Pasting:
    """A person whose browser is elsewhere: reads an address, and pastes the one it ended at."""

    def __init__(self, tell: Callable[[str], None], read: Callable[[], str], port: int) -> None:
        self.redirect_uri = f"http://127.0.0.1:{port or HEADLESS_PORT}/callback"
        self._tell = tell
        self._read = read

    async def show(self, url: str) -> None:
        self._tell(url)

    async def receive(self) -> str:
        return (await anyio.to_thread.run_sync(self._read, abandon_on_cancel=True)).strip()


class _Browser:
    """A person at this machine: a browser, and a loopback address that it is sent back to."""

    def __init__(
        self, tell: Callable[[str], None], open_url: Callable[[str], object], port: int
    ) -> None:
        self._tell = tell
        self._open = open_url
        self._state = ""
        self._came_back = ""
        self._done = threading.Event()
        self._server = HTTPServer(("127.0.0.1", port), self._handler())
        # Listens before a browser is opened: some do not return before they have seen the page.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_S,))
        self.redirect_uri = f"http://127.0.0.1:{self._server.server_port}/callback"

    def __enter__(self) -> _Browser:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    async def show(self, url: str) -> None:
        self._state = parse_qs(urlsplit(url).query).get("state", [""])[0]
        self._tell(url)
        await anyio.to_thread.run_sync(self._open, url, abandon_on_cancel=True)

    async def receive(self) -> str:
        await anyio.to_thread.run_sync(self._done.wait, abandon_on_cancel=True)
        return self._came_back

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        browser = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                state = parse_qs(parts.query).get("state", [""])[0]
                # Other pages can reach this port too; they do not know the state.
                ours = parts.path == "/callback" and state == browser._state != ""
                self.send_response(200 if ours else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(_PAGE if ours else b"")
                if ours:
                    browser._came_back = self.path
                    browser._done.set()

            def log_message(self, *args: object) -> None:
                """The address has the code in it: nothing is logged."""

        return Handler
