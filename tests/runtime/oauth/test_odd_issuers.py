"""Logins at authorisation servers that are not as RFC 8414 and its kin have them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp_sdkgen_runtime import Arguments, Client, SessionError, Tool, Unstructured
from odd_issuer import Oddity, odd_issuer

from tests.runtime.oauth.logging_in import keyring_of, logged_in, rewrite

RESOURCE = "/.well-known/oauth-protected-resource/mcp"
METADATA = "/.well-known/oauth-authorization-server"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with keyring_of("null"):
        yield


class Odd(Client):
    SERVER = "odd"

    def call(self) -> Any:
        tool: Tool[Unstructured] = Tool(
            server="odd", name="list_ids", arguments=Arguments, result=Unstructured, digest=""
        )
        return self._call(tool, {}).json()


def browser(url: str) -> None:
    httpx2.get(url, follow_redirects=True)


def log_in(url: str) -> Any:
    return logged_in({"url": url, "auth": "oauth"}, open_url=browser, timeout_s=60)


def at(place: str, **changed: Any) -> Oddity:
    """Changes members of the answer to one path; None takes one away."""

    def odd(path: str, body: dict[str, Any]) -> None:
        if path == place:
            body.update(changed)
            for key in [key for key, value in body.items() if value == "(absent)"]:
                del body[key]

    return odd


def slash_in_resource(path: str, body: dict[str, Any]) -> None:
    if path == RESOURCE:
        body["authorization_servers"] = [body["authorization_servers"][0] + "/"]


def slash_in_metadata(path: str, body: dict[str, Any]) -> None:
    if path == METADATA:
        body["issuer"] += "/"


def servers_as_text(path: str, body: dict[str, Any]) -> None:
    if path == RESOURCE:
        body["authorization_servers"] = body["authorization_servers"][0]


ODD: dict[str, Oddity] = {
    "a slash in the resource's metadata": slash_in_resource,
    "a slash in the issuer": slash_in_metadata,
    "servers as one text": servers_as_text,
    "scopes as one text": at(RESOURCE, scopes_supported="a b"),
    "nulls in metadata": at(METADATA, scopes_supported=None, service_documentation=None),
    "an odd member of metadata": at(METADATA, ui_locales_supported=5, op_tos_uri="none"),
    "nulls in a registration": at("/register", client_secret=None, contacts=None, logo_uri=""),
    "an odd member of a registration": at("/register", contacts="me", tos_uri="none"),
    "a client's id as a number": at("/register", client_id=7),
    "a scope that is a list": at("/token", scope=["a", "b"]),
    "a lifetime as text": at("/token", expires_in="3600"),
    "a lifetime in words": at("/token", expires_in="an hour"),
    "a lifetime as a float": at("/token", expires_in=3600.5),
    "nulls in a token": at("/token", refresh_token=None, scope=None, expires_in=None),
    "a lifetime of 400 digits": at("/token", expires_in=10**400),
    "half a character": at(METADATA, op_policy_uri="\ud800", service_documentation=None),
    "no type of token": at("/token", token_type=None),
    "a type in small letters": at("/token", token_type="bearer"),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_login_gets_through_where_an_answer_is_odd(odd: str) -> None:
    with odd_issuer(ODD[odd]) as seen:
        assert log_in(seen.url).resource == seen.url


CHALLENGES = {
    'Bearer resource_metadata="BASE/elsewhere"': "elsewhere",
    'Bearer resource_metadata = "BASE/elsewhere"': "elsewhere",
    "Bearer resource_metadata='BASE/elsewhere'": "elsewhere",
    "bearer Resource_Metadata=BASE/elsewhere": "elsewhere",
    'Bearer resource_metadata="BASE/elsewhere?scope=b"': "elsewhere",
    'Basic realm="a, b", Bearer resource_metadata="BASE/elsewhere"': "elsewhere",
    'Bearer error="invalid_token", error_description="needs scope=admin"': None,
    'Bearer error_description="needs scope=admin", scope="a b"': "a b",
    'Bearer error_description="no \\"scope=admin\\"", SCOPE = "a"': "a",
    'Bearer realm="x", scope=""': None,
}


@pytest.mark.parametrize("asks", CHALLENGES)
def test_what_a_server_asks_for_is_read_as_http_has_it(asks: str) -> None:
    with odd_issuer(at(""), asks=asks) as seen:
        log_in(seen.url)
        assert seen.scopes == [CHALLENGES[asks]]


@pytest.mark.parametrize("unit", ["a", 'a="', 'a=\\"', "a ="])
def test_a_long_challenge_is_read_in_one_pass(unit: str) -> None:
    with odd_issuer(at(""), asks=f'Bearer scope="b", {unit * (60_000 // len(unit))};') as seen:
        log_in(seen.url)
        assert seen.scopes == ["b"]


@pytest.mark.parametrize("scopes", [["a", "b"], []])
def test_a_refresh_names_the_scopes_that_were_chosen(tmp_path: Path, scopes: list[str]) -> None:
    with odd_issuer(at("/token", refresh_token="rt")) as seen:
        binding = {"url": seen.url, "auth": {"type": "oauth", "scopes": scopes}}
        logged_in(binding, open_url=browser, timeout_s=60)
        rewrite(tmp_path, expires_at=time.time() + 5)

        with Odd(binding) as client:
            assert client.call() == [1, 2]

    login, refresh = (form for _, form in seen.tokens)
    assert (login["grant_type"], refresh["grant_type"]) == ("authorization_code", "refresh_token")
    assert refresh.get("scope", "").split() == scopes


@pytest.mark.parametrize("iss", ["", "/"])
@pytest.mark.parametrize("odd", [slash_in_resource, slash_in_metadata])
def test_the_issuer_that_a_browser_comes_back_with_may_differ_by_a_slash(
    odd: Oddity, iss: str
) -> None:
    with odd_issuer(odd, iss) as seen:
        assert log_in(seen.url)


def test_another_issuer_is_refused() -> None:
    with (
        odd_issuer(at(METADATA, issuer="https://else.test")) as seen,
        pytest.raises(SessionError, match="issuer mismatch"),
    ):
        log_in(seen.url)


def test_another_issuer_that_a_browser_comes_back_with_is_refused() -> None:
    with (
        odd_issuer(at(""), "/else") as seen,
        pytest.raises(SessionError, match="iss mismatch"),
    ):
        log_in(seen.url)


@pytest.mark.parametrize(
    ("methods", "asked"),
    [(["none", "client_secret_post"], "none"), (["none"], "none"), (["client_secret_post"], None)],
)
def test_a_client_registers_as_a_public_one_where_there_are_such(methods: Any, asked: Any) -> None:
    with odd_issuer(at(METADATA, token_endpoint_auth_methods_supported=methods)) as seen:
        log_in(seen.url)
    assert [one.get("token_endpoint_auth_method") for one in seen.registered] == [asked]


SECRET = {"client_secret": "s3cr3t"}


@pytest.mark.parametrize(
    ("registered", "in_header"),
    [
        ({**SECRET, "token_endpoint_auth_method": "client_secret_basic"}, True),
        ({**SECRET, "token_endpoint_auth_method": "client_secret_post"}, False),
        ({**SECRET, "token_endpoint_auth_method": None}, False),
    ],
)
def test_a_token_request_has_one_authentication(registered: Any, in_header: bool) -> None:
    with odd_issuer(at("/register", **registered)) as seen:
        log_in(seen.url)
    ((header, form),) = seen.tokens
    assert (header is not None) is in_header
    assert ("client_id" in form, "client_secret" in form) == (not in_header, not in_header)


@pytest.mark.parametrize("place", [METADATA, "/register", "/token"])
def test_an_answer_about_a_login_that_is_too_long_is_not_read_to_its_end(place: str) -> None:
    with (
        odd_issuer(at(place, padding="x" * (2 << 20))) as seen,
        pytest.raises(SessionError) as told,
    ):
        log_in(seen.url)
    assert "an answer about a login is longer than 1048576 bytes" in str(told.value)
