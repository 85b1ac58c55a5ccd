"""OAuth, by the official client's own providers: what is added is where tokens are kept.

Imported only by `mcp_session`, because `mcp` is slow to import.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

import anyio
import anyio.to_thread
import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.auth.utils import extract_field_from_www_auth
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from pydantic import AnyUrl, BaseModel

from ..config.auth import OF_LOGIN, ClientCredentials, OAuth
from ..config.targets import HttpTarget, Target
from ..observability.secret_set import SecretSet
from ..text import shortened_text
from .authentication import OneAuthentication, auth_methods, method_with_secret
from .odd_answers import mended, same_issuer
from .token_store import Login, LoginStore, Secrets, resource_of

if TYPE_CHECKING:
    from filelock import FileLock

_EARLY_S: Final = 30.0
_LOCK_WAIT_S: Final = 30.0
_NOT_NOW: Final = {429, 500, 502, 503, 504}
_NO_REDIRECT: Final = "http://127.0.0.1/callback"


class UserAgent(Protocol):
    """Who can log in: sees an address, and comes back with the one they were sent to."""

    redirect_uri: str

    async def show(self, url: str) -> None:
        """Show the authorisation server's page."""
        ...

    async def receive(self) -> str:
        """Wait for the address that the authorisation server redirected to."""
        ...


class LoginState(Protocol):
    """Where a flow says that a person must log in, and what became a secret.

    `login_needed` is why, up to the command that does it.
    """

    login_needed: str
    secrets: SecretSet


def login_flow(target: Target, state: LoginState, person: UserAgent | None) -> httpx2.Auth | None:
    """How requests to `target` are authenticated; None when its binding has no `auth`."""
    if not isinstance(target, HttpTarget) or target.auth is None:
        return None
    if isinstance(target.auth, ClientCredentials):
        return _ClientCredentialsProvider(target.url, target.auth, state)
    return _StoredLoginProvider(target.url, target.auth, state, person)


class _Scopes(OAuthClientMetadata):
    """Asks for the scopes that were chosen; the provider would replace them by the server's."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "scope" or not self.scope:
            super().__setattr__(name, value)


class _NoTracebacks(logging.Filter):
    """The provider logs what an authorisation server answered, which may quote a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


_log = logging.getLogger("mcp_sdkgen_runtime")
logging.getLogger("mcp.client.auth.oauth2").addFilter(_NoTracebacks())


def _early(expires_at: float | None, lifetime_s: int | None) -> float | None:
    """When to refresh: before the token expires, but not at once if it is short-lived."""
    if expires_at is None:
        return None
    return expires_at - min(_EARLY_S, (lifetime_s or 0) / 4)


def _refused(response: httpx2.Response) -> bool:
    return response.status_code == 401 or _lacks_scope(response)


def _lacks_scope(response: httpx2.Response) -> bool:
    if response.status_code != 403:
        return False
    return extract_field_from_www_auth(response, "error") == "insufficient_scope"


class _Flow(OAuthClientProvider):
    """What both kinds share. A provider is its own storage: only it knows issuer and endpoints."""

    _secrets: SecretSet

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        if not self._initialized or self.context.current_tokens is None:
            await self._initialize()
        used = None
        # The provider's own flow makes each request wait for the answer of the one before.
        if self.context.is_token_valid():
            used = self.context.current_tokens
            self._add_auth_header(request)
            response = yield request
            if not _refused(response):
                return
            if not self._can_renew(response):
                return
        async with self._renewing(used):
            flow = super().async_auth_flow(request)
            try:
                outgoing = await anext(flow)
                while outgoing is not request or not self._stops_short:
                    if outgoing is not request:
                        outgoing.extensions[OF_LOGIN] = True
                    response = yield outgoing
                    if outgoing is not request:
                        if response.status_code in _NOT_NOW:
                            self._outage = response.status_code
                        await _read(response)
                        response = self._learned(mended(response, self._expected_issuer()))
                    outgoing = await flow.asend(response)
            except StopAsyncIteration:
                return
            except OAuthFlowError as error:
                raise self._without_secrets(error) from None
            finally:
                await flow.aclose()
        if used is None or self.context.is_token_valid():
            response = yield request
            if not _refused(response):
                return
        self._can_renew(response)

    _outage = 0
    """The status by which an authorisation server said that it cannot answer now."""
    _stops_short = False
    """Whether to stop where the provider would begin a new login."""

    def _can_renew(self, response: httpx2.Response) -> bool:
        """Whether another token may help; the place to note that none does."""
        return True

    @asynccontextmanager
    async def _renewing(self, used: OAuthToken | None) -> AsyncIterator[None]:
        """Around the provider's flow. `used` is the token that was refused, if there was one."""
        if used is not None and self.context.current_tokens is used:
            self.context.clear_tokens()
        yield

    def _learned(self, response: httpx2.Response) -> httpx2.Response:
        """`response` to a request of the login's own; the place to note what it says."""
        return response

    def _without_secrets(self, error: OAuthFlowError) -> OAuthFlowError:
        """`error`, which may quote an answer, without what is secret."""
        return type(error)(self._secrets.text(str(error)))

    async def get_tokens(self) -> OAuthToken | None:
        return None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        context = self.context
        self._secrets.add(tokens.access_token, tokens.refresh_token)
        context.token_expiry_time = _early(context.token_expiry_time, tokens.expires_in)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._secrets.add(client_info.client_secret)


class _ClientCredentialsProvider(_Flow, ClientCredentialsOAuthProvider):
    """Client credentials. The token lives as long as the connection: a machine can get another."""

    def __init__(self, url: str, auth: ClientCredentials, state: LoginState) -> None:
        self._secrets = state.secrets
        scope = " ".join(auth.scopes) or None
        with warnings.catch_warnings():
            # Without an issuer, who gets the secret is for the MCP server to say; so we document.
            warnings.simplefilter("ignore")
            ClientCredentialsOAuthProvider.__init__(
                self, url, self, auth.client_id, auth.client_secret, scope=scope, issuer=auth.issuer
            )
        self.context = OneAuthentication.of(self.context)
        self.context.client_metadata = _Scopes(**self.context.client_metadata.model_dump())


class _StoredLoginProvider(_Flow):
    """A person's login, kept in the store. Without the person, it is used and refreshed only."""

    def __init__(self, url: str, auth: OAuth, state: LoginState, person: UserAgent | None) -> None:
        metadata = _Scopes(
            client_name="mcp-sdkgen",
            redirect_uris=[AnyUrl(person.redirect_uri if person else _NO_REDIRECT)],
            scope=" ".join(auth.scopes) or None,
        )
        show = person.show if person else None
        back = partial(self._received, person) if person else None
        super().__init__(url, metadata, self, show, back, auth.client_metadata_url)
        self.context = OneAuthentication.of(self.context)
        self._auth = auth
        self._state = state
        self._secrets = state.secrets
        self._stops_short = person is None
        self._store = LoginStore()
        self._resource = resource_of(url)
        self._known = False
        self._spent = ""
        self._methods: list[str] = []
        """How clients may authenticate at the token endpoint, as far as its server says."""

    async def _initialize(self) -> None:
        context, auth = self.context, self._auth
        if auth.client_id:
            context.client_info = OAuthClientInformationFull(
                client_id=auth.client_id,
                client_secret=auth.client_secret,
                redirect_uris=context.client_metadata.redirect_uris,
                token_endpoint_auth_method="client_secret_basic" if auth.client_secret else "none",
            )
        if self._stops_short:
            found = await anyio.to_thread.run_sync(self._store.find, self._resource)
            # Tokens are of one client: another that is configured now cannot refresh them.
            if found and auth.client_id in (None, found[0].client["client_id"]):
                self._known = True
                if found[1].access_token != self._spent:
                    self._take(*found)
        self._initialized = True

    def _take(self, login: Login, secrets: Secrets) -> None:
        context = self.context
        self._secrets.add(secrets.access_token, secrets.refresh_token, secrets.client_secret)
        if not self._auth.client_id:
            context.client_info = OAuthClientInformationFull(
                **login.client, client_secret=secrets.client_secret
            )
        context.current_tokens = OAuthToken(
            access_token=secrets.access_token,
            refresh_token=secrets.refresh_token,
            scope=login.scope,
            expires_in=login.lifetime_s,
        )
        context.token_expiry_time = _early(login.expires_at, login.lifetime_s)
        # Without these a refresh would go to the MCP server instead of to who issued the token.
        if login.server_metadata:
            context.oauth_metadata = OAuthMetadata(**login.server_metadata)
        if login.resource_metadata:
            found = ProtectedResourceMetadata(**login.resource_metadata)
            context.protected_resource_metadata = found
            context.auth_server_url = str(found.authorization_servers[0])

    def _learned(self, response: httpx2.Response) -> httpx2.Response:
        # Before it registers: a native client with PKCE is a public one, where there are such.
        methods = auth_methods(response)
        if methods is not None:
            self._methods = methods
            public = "none" in methods
            self.context.client_metadata.token_endpoint_auth_method = "none" if public else None
        return response

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        if client_info.token_endpoint_auth_method is None and client_info.client_secret:
            client_info.token_endpoint_auth_method = method_with_secret(self._methods)
        await super().set_client_info(client_info)

    async def _received(self, person: UserAgent) -> AuthorizationCodeResult:
        answer = await _received(person)
        metadata = self.context.oauth_metadata
        if answer.iss and metadata is not None and same_issuer(answer.iss, str(metadata.issuer)):
            answer.iss = str(metadata.issuer)
        return answer

    async def set_tokens(self, tokens: OAuthToken) -> None:
        context, client = self.context, self.context.client_info
        expires_at = context.token_expiry_time
        await super().set_tokens(tokens)
        assert client is not None  # who asked for the tokens
        login = Login(
            issuer=str(context.oauth_metadata.issuer) if context.oauth_metadata else "",
            resource=self._resource,
            client=client.model_dump(mode="json", exclude_none=True, exclude={"client_secret"}),
            scope=tokens.scope,
            expires_at=expires_at,
            lifetime_s=tokens.expires_in,
            refreshable=tokens.refresh_token is not None,
            server_metadata=_dumped(context.oauth_metadata),
            resource_metadata=_dumped(context.protected_resource_metadata),
        )
        secrets = Secrets(tokens.access_token, tokens.refresh_token, client.client_secret)
        try:
            await anyio.to_thread.run_sync(self._store.save, login, secrets)
        except OSError as error:
            if not self._stops_short:
                raise
            _log.warning("a refreshed token cannot be stored (%s)", type(error).__name__)

    def _can_renew(self, response: httpx2.Response) -> bool:
        if not self._stops_short:
            return True
        if _lacks_scope(response):
            self._state.login_needed = "the login lacks a scope; add it to `scopes`, and run"
            return False
        what = "the login has ended; run" if self._known else "not logged in; run"
        if self._outage:
            what = (
                f"the authorisation server gave no token (HTTP status {self._outage}); try again "
                "later, or run"
            )
        self._state.login_needed = what
        return True

    @asynccontextmanager
    async def _renewing(self, used: OAuthToken | None) -> AsyncIterator[None]:
        if not self._stops_short or self.context.current_tokens is None:
            yield
            return
        lock = self._store.refresh_lock(self._resource)
        try:
            # Nobody waits for ever for a process that hangs; at worst both refresh.
            with anyio.move_on_after(_LOCK_WAIT_S):
                while not _try_acquire(lock):  # noqa: ASYNC110 (a file lock tells nobody)
                    await anyio.sleep(0.02)
            await self._initialize()  # another process, or task, may have refreshed meanwhile
            now = self.context.current_tokens
            self._outage = 0
            if used is not None and now is not None and now.access_token == used.access_token:
                self.context.token_expiry_time = 1.0
            yield
            if now is not None and not self.context.is_token_valid() and not self._outage:
                self._spent = now.access_token  # no use to try it with every request
        finally:
            lock.release()


def _try_acquire(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except TimeoutError:
        return False
    except OSError:
        return True  # a folder that cannot be written: nobody else can refresh there either
    return True


def _dumped(value: BaseModel | None) -> dict[str, Any] | None:
    return value.model_dump(mode="json", exclude_none=True) if value is not None else None


async def _received(person: UserAgent) -> AuthorizationCodeResult:
    answer = dict(parse_qsl(urlsplit(await person.receive()).query))
    if "error" in answer:
        told = " ".join(answer[key] for key in ("error", "error_description") if key in answer)
        raise OAuthFlowError(f"the authorisation server refused: {shortened_text(told, 300)}")
    if not {"code", "state"} <= answer.keys():
        raise OAuthFlowError("the address at which the browser ended has no code")
    return AuthorizationCodeResult(
        code=answer["code"], state=answer["state"], iss=answer.get("iss")
    )


async def _read(response: httpx2.Response) -> None:
    """Read an answer about a login. Raises `OAuthFlowError` where it breaks off."""
    try:
        await response.aread()
    except httpx2.ReadError as error:
        raise OAuthFlowError(f"{response.url.host}: {error}") from None
