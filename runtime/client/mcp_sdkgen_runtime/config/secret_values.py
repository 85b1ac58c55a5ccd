"""What is secret of a target, for `SecretSet`: this is the only place that collects it."""

from __future__ import annotations

from typing import Final

from ..observability.secret_set import MIN_SECRET_CHARACTERS
from ..observability.spellings import forms
from .command_line import read_command
from .display import MIN_VALUE_CHARACTERS
from .environment import passed_on
from .secret_parts import read_header, read_named, url_secrets
from .targets import HttpTarget, StdioTarget, Target

_NO_SECRETS: Final = frozenset(
    [
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "none",
        "null",
        "auto",
        "basic",
        "bearer",
        "oauth",
        "oauth2",
        "password",
        "token",
        "secret",
        "default",
        "required",
        "optional",
        "enabled",
        "disabled",
        "postgres",
        "localhost",
    ]
)
"""What stands where secrets do and is none: a switch, the kind of a login, a name all know."""


def secret_values(target: Target) -> list[str]:
    """All that must be kept out of sight of a target whose references are looked up."""
    return [
        value
        for value, secret in known_values(target).items()
        if len(value) >= (MIN_SECRET_CHARACTERS if secret else MIN_VALUE_CHARACTERS)
    ]


def known_values(target: Target) -> dict[str, bool]:
    """Each value that only a target knows, and whether it is a secret (rather than only private).

    These are the values of its environment and headers, its client secret, and what `secret_parts`
    finds in these, in its URL and in its command line; in all their `forms`.
    """
    known: dict[str, bool] = {}

    def add(value: str, secret: bool) -> None:
        if value.lower() in _NO_SECRETS:
            return
        for form in forms(value):
            known[form] = known.get(form, False) or secret

    def add_secrets(*values: str) -> None:
        for value in values:
            add(value, True)

    if isinstance(target, StdioTarget):
        for name, value in target.env.items():
            add(value, False)
            add_secrets(*read_named(name, value).secrets)
        # Addresses of proxies and package indexes may hold a password, and every server gets them.
        for value in passed_on().values():
            add_secrets(*url_secrets(value))
        for reading in read_command((target.command, *target.args)):
            add_secrets(*reading.secrets)
    elif isinstance(target, HttpTarget):
        for name, value in target.headers.items():
            add_secrets(*read_header(name, value).secrets)
        add_secrets(*url_secrets(target.url))
        if target.auth is not None and target.auth.client_secret:
            add(target.auth.client_secret, True)
    return known
