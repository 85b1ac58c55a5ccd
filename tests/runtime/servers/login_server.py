"""A real authorisation server, and an MCP server that wants its tokens, each on its own port.

Both are built on `mcp`'s own classes and run on threads of this process, so that a test can look at
what was issued and take it back.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    AuthorizeError,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.routes import build_metadata, create_auth_routes
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl, AnyUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CANARY = "c4nary"
"""In every secret that is ever issued: a test looks for it wherever it should not be."""

DOCUMENT = "https://client.test/mcp-sdkgen.json"
MACHINE = "machine"
MACHINE_SECRET = f"{CANARY}-machine-secret"


@dataclass
class Issuer(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """Everybody is let in. `lifetime_s` is that of the next token; `log` has what was issued."""

    lifetime_s: int = 3600
    refuses: str = ""
    down: bool = False
    clients: dict[str, OAuthClientInformationFull] = field(default_factory=dict)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refreshes: dict[str, RefreshToken] = field(default_factory=dict)
    resources: dict[str, str | None] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        if client_info.client_secret:
            client_info.client_secret = f"{CANARY}-{client_info.client_secret}"
        self.clients[client_info.client_id] = client_info
        self.log.append("register")

    async def authorize(
        self, client: OAuthClientInformationFull, params: AuthorizationParams
    ) -> str:
        if self.refuses:
            raise AuthorizeError(error="access_denied", error_description=self.refuses)
        code = AuthorizationCode(
            code=f"{CANARY}-code-{secrets.token_hex(20)}",
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        self.codes[code.code] = code
        return construct_redirect_uri(str(params.redirect_uri), code=code.code, state=params.state)

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        del self.codes[authorization_code.code]
        self.log.append("code")
        return self.issue(
            client.client_id, authorization_code.scopes, authorization_code.resource, True
        )

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> RefreshToken | None:
        found = self.refreshes.get(refresh_token)
        self.log += [] if found else ["refresh refused"]
        return found

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        # A refresh token works once, as OAuth 2.1 wants it for public clients.
        del self.refreshes[refresh_token.token]
        self.log.append("refresh")
        resource = self.resources[refresh_token.token]
        return self.issue(client.client_id, scopes, resource, True)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.access.pop(token.token, None)
        self.refreshes.pop(token.token, None)

    def issue(
        self, client_id: str, scopes: list[str], resource: str | None, refreshable: bool
    ) -> OAuthToken:
        token = AccessToken(
            token=f"{CANARY}-access-{secrets.token_hex(20)}",
            client_id=client_id, scopes=scopes, resource=resource,
        )  # fmt: skip
        self.access[token.token] = token
        refresh = None
        if refreshable:
            refresh = f"{CANARY}-refresh-{secrets.token_hex(20)}"
            self.refreshes[refresh] = RefreshToken(
                token=refresh, client_id=client_id, scopes=scopes
            )
            self.resources[refresh] = resource
        return OAuthToken(
            access_token=token.token,
            expires_in=self.lifetime_s,
            scope=" ".join(scopes),
            refresh_token=refresh,
        )


@dataclass
class Running:
    """Both servers: `url` is the MCP server's, `issuer_url` the authorisation server's."""

    issuer: Issuer
    issuer_url: str
    url: str


def _app_of_issuer(issuer: Issuer, url: str) -> Starlette:
    registration = ClientRegistrationOptions(
        enabled=True, valid_scopes=["read", "write"], default_scopes=["read"]
    )
    routes = create_auth_routes(
        issuer, AnyHttpUrl(url), None, registration, RevocationOptions(enabled=True)
    )
    of_mcp = {route.path: route for route in routes}
    metadata = build_metadata(AnyHttpUrl(url), None, registration, RevocationOptions(enabled=True))
    metadata.client_id_metadata_document_supported = True

    async def described(request: Request) -> Response:
        return JSONResponse(metadata.model_dump(mode="json", exclude_none=True))

    async def machine(request: Request) -> Response:
        """The one grant that `mcp`'s token endpoint does not know."""
        sent = base64.b64decode(request.headers["authorization"].split()[1]).decode()
        name, _, secret = sent.partition(":")
        client = await issuer.get_client(name)
        if client is None or client.client_secret != secret:
            # As careless as servers are: the error quotes what was sent.
            error = {"error": "invalid_client", "error_description": f"wrong: {sent}"}
            return JSONResponse(error, 401)
        form = await request.form()
        issuer.log.append("machine")
        scopes = str(form.get("scope", "read")).split()
        token = issuer.issue(name, scopes, str(form.get("resource")), False)
        return JSONResponse(token.model_dump(mode="json", exclude_none=True))

    async def token(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        if issuer.down:
            await Response(status_code=503)(scope, again, send)
        elif b"grant_type=client_credentials" in body:
            await (await machine(Request(scope, again)))(scope, again, send)
        else:
            await of_mcp["/token"].app(scope, again, send)

    well_known = "/.well-known/oauth-authorization-server"
    others = [route for path, route in of_mcp.items() if path not in ("/token", well_known)]
    app = Starlette(routes=[Route(well_known, described), *others])
    app.router.mount("/token", token)
    return app


class _Verifier:
    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer

    async def verify_token(self, token: str) -> AccessToken | None:
        return await self._issuer.load_access_token(token)


def _app_of_server(issuer: Issuer, issuer_url: str, url: str) -> Any:
    server = MCPServer(
        "weather",
        token_verifier=_Verifier(issuer),
        auth=AuthSettings(
            issuer_url=AnyHttpUrl(issuer_url),
            resource_server_url=AnyHttpUrl(url),
            required_scopes=["read"],
            validate_token_resource=True,
        ),
    )

    @server.tool()
    def get_forecast(city: str) -> dict[str, Any]:
        return {"city": city, "units": "metric", "days": []}

    @server.tool()
    def refuse(why: str) -> str:
        raise ToolError(why)

    return server.streamable_http_app()


@contextlib.contextmanager
def running() -> Iterator[Running]:
    """Both servers, until the block ends."""
    issuer = Issuer()
    issuer.clients[MACHINE] = OAuthClientInformationFull(
        client_id=MACHINE, client_secret=MACHINE_SECRET, grant_types=["client_credentials"],
        token_endpoint_auth_method="client_secret_basic", scope="read write",
    )  # fmt: skip
    # As if the document had been fetched.
    issuer.clients[DOCUMENT] = OAuthClientInformationFull(
        client_id=DOCUMENT, token_endpoint_auth_method="none", scope="read write",
        redirect_uris=[AnyUrl("http://127.0.0.1:8976/callback")],
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        listening = [_listening() for _ in range(2)]
        issuer_url, base = (f"http://127.0.0.1:{s.getsockname()[1]}" for s in listening)
        apps = [
            _app_of_issuer(issuer, issuer_url),
            _app_of_server(issuer, issuer_url, base + "/mcp"),
        ]
        for app, where in zip(apps, listening, strict=True):
            stack.enter_context(_served(app, where))
        yield Running(issuer, issuer_url, base + "/mcp")


def _listening() -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found.bind(("127.0.0.1", 0))
    found.listen()
    return found


@contextlib.contextmanager
def _served(app: Any, where: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([where],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
