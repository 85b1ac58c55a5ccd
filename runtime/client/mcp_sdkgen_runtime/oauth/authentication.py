"""How a client authenticates at a token endpoint: in one way, and in one that its server takes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Final, Self

import httpx2
from mcp.client.auth.oauth2 import OAuthContext
from mcp.shared.auth import OAuthMetadata
from pydantic import ValidationError

_BASIC: Final = "client_secret_basic"
_POST: Final = "client_secret_post"


class OneAuthentication(OAuthContext):
    """Authenticates a client in one way: in a header, or in the body, never in both.

    RFC 6749, section 2.3, forbids two, and some servers take a `client_id` in the body for one. A
    refresh names the scopes that were asked for (section 6), without which some give no token.
    """

    @classmethod
    def of(cls, context: OAuthContext) -> Self:
        """The same context."""
        return cls(**{each.name: getattr(context, each.name) for each in fields(context)})

    def prepare_token_auth(
        self, data: dict[str, str], headers: dict[str, str] | None = None
    ) -> tuple[dict[str, str], dict[str, str]]:
        if data.get("grant_type") == "refresh_token" and self.client_metadata.scope:
            data = {**data, "scope": self.client_metadata.scope}
        data, headers = super().prepare_token_auth(data, headers)
        if "Authorization" in headers:
            data = {key: data[key] for key in data.keys() - {"client_id", "client_secret"}}
        return data, headers


def auth_methods(response: httpx2.Response) -> list[str] | None:
    """The ways of authentication that metadata of an authorisation server names."""
    if response.request.method != "GET" or response.status_code != 200:
        return None
    try:
        found = OAuthMetadata.model_validate_json(response.content)
    except ValidationError:
        return None
    return found.token_endpoint_auth_methods_supported or []


def method_with_secret(methods: Collection[str]) -> str:
    """How to send a secret that came without a word on that: RFC 7591, section 2, means Basic."""
    return _POST if _POST in methods and _BASIC not in methods else _BASIC
