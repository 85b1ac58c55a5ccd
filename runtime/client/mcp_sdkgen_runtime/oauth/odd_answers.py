"""What authorisation servers answer, in the form that `mcp`'s models want.

They refuse all of an answer for one odd member, and compare issuers letter by letter. Servers in
use differ, and the large clients take what they send: see docs/decisions/logins.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx2
from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from pydantic import BaseModel, ValidationError

_NEVER_DROPPED: Final = frozenset(
    {"issuer", "authorization_endpoint", "token_endpoint", "resource", "authorization_servers",
     "access_token", "token_type", "client_id", "client_secret", "token_endpoint_auth_method"}
)  # fmt: skip
"""Members that decide whom to trust, or without which nothing can go on."""
_LONGEST_S: Final = 100 * 365 * 24 * 3600
_LISTS: Final = frozenset(
    {"authorization_servers", "scopes_supported", "redirect_uris", "grant_types", "response_types",
     "token_endpoint_auth_methods_supported", "code_challenge_methods_supported"}
)  # fmt: skip


def mended(response: httpx2.Response, expected_issuer: str) -> httpx2.Response:
    """`response`, to a request that a login made, with its members as `mcp` reads them.

    `expected_issuer` is how metadata of an authorisation server is to spell its issuer.
    """
    if not 200 <= response.status_code < 300:
        return response
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return response
    kind = _model_of(response.request.method, found)
    if kind is None:
        return response
    plain = _plain(kind, _writable(found))
    if kind is OAuthMetadata and same_issuer(plain.get("issuer"), expected_issuer):
        plain["issuer"] = expected_issuer
    if plain == found:
        return response
    return httpx2.Response(response.status_code, json=plain, request=response.request)


def _writable(found: dict[str, Any]) -> dict[str, Any]:
    """The members that JSON in UTF-8 can hold: no half of a surrogate pair, and no NaN."""
    writable = {}
    for key, value in found.items():
        try:
            json.dumps({key: value}, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            continue
        writable[key] = value
    return writable


def same_issuer(one: Any, other: str) -> bool:
    """Whether two issuers are one, but for a slash at the end."""
    return isinstance(one, str) and one.removesuffix("/") == other.removesuffix("/")


def _model_of(method: str, found: Any) -> type[BaseModel] | None:
    if not isinstance(found, dict):
        return None
    if method == "POST":
        if "access_token" in found:
            return OAuthToken
        return OAuthClientInformationFull if "client_id" in found else None
    if "issuer" in found or "token_endpoint" in found:
        return OAuthMetadata
    return ProtectedResourceMetadata if "authorization_servers" in found else None


def _plain(kind: type[BaseModel], found: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in found.items() if value is not None and value != ""}
    for key in _LISTS & plain.keys():
        if isinstance(plain[key], str):
            plain[key] = plain[key].split()
    if isinstance(plain.get("scope"), list):
        plain["scope"] = " ".join(map(str, plain["scope"]))
    if kind is OAuthClientInformationFull and isinstance(plain.get("client_id"), int):
        plain["client_id"] = str(plain["client_id"])
    if kind is OAuthToken and isinstance(plain.get("expires_in"), str | float | int):
        try:
            plain["expires_in"] = min(int(float(plain["expires_in"])), _LONGEST_S)
        except (ValueError, OverflowError):
            del plain["expires_in"]
    return _without_misfits(kind, plain)


def _without_misfits(kind: type[BaseModel], found: dict[str, Any]) -> dict[str, Any]:
    """`found` without the members that the model refuses and that nothing depends on."""
    try:
        kind.model_validate(found)
    except ValidationError as error:
        odd = {str(fault["loc"][0]) for fault in error.errors(include_url=False) if fault["loc"]}
        return {key: value for key, value in found.items() if key not in odd - _NEVER_DROPPED}
    return found
