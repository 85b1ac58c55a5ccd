"""What is secret of a target, for `SecretSet`: this is the only place that collects it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from ..observability.secret_set import MIN_SECRET_CHARACTERS
from ..observability.spellings import forms
from .display import is_opaque_segment, is_secret_name, is_secret_value, secret_words
from .environment import passed_on
from .targets import HttpTarget, StdioTarget, Target

MIN_VALUE_CHARACTERS: Final = 8
"""What is shorter, and goes by no secret's name, is part of too many words."""


def secret_values(target: Target) -> list[str]:
    """All that must be kept out of sight of a target whose references are looked up."""
    return [
        value
        for value, secret in known_values(target).items()
        if len(value) >= (MIN_SECRET_CHARACTERS if secret else MIN_VALUE_CHARACTERS)
    ]


def known_values(target: Target) -> dict[str, bool]:
    """Each value that only a target knows, and whether it is a secret (rather than only private).

    These are the values of its environment and headers, user, password, query and opaque path
    segments of its URL, its client secret, and arguments that look like secrets; in all their
    `forms`.
    """
    known: dict[str, bool] = {}

    def add(value: str, secret: bool) -> None:
        for form in forms(value):
            known[form] = known.get(form, False) or secret

    if isinstance(target, StdioTarget):
        for name, value in target.env.items():
            add(value, is_secret_name(name) or is_secret_value(value))
            for part in _url_secrets(value):
                add(part, True)
        # Addresses of proxies and package indexes may hold a password, and every server gets them.
        for part in (part for value in passed_on().values() for part in _url_secrets(value)):
            add(part, True)
        words = (target.command, *target.args)
        for word in secret_words(words):
            add(word, True)
        for part in (part for word in words for part in _url_secrets(word)):
            add(part, True)
    elif isinstance(target, HttpTarget):
        for value in target.headers.values():
            scheme, _, credential = value.partition(" ")
            for part in (value, credential, *_of_basic(scheme, credential)):
                add(part, True)
        for part in _url_secrets(target.url):
            add(part, True)
        if target.auth is not None and target.auth.client_secret:
            add(target.auth.client_secret, True)
    return known


def _of_basic(scheme: str, credential: str) -> list[str]:
    if scheme.lower() != "basic":
        return []
    try:
        user, _, password = b64decode(credential, validate=True).decode().partition(":")
    except ValueError:
        return []
    return [user, password]


def _url_secrets(url: str) -> list[str]:
    if "://" not in url:
        return []
    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        return [url]
    basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return [
        user,
        password,
        *([basic] if user or password else []),
        parts.query,
        *(value for _, value in parse_qsl(parts.query)),
        parts.fragment,
        *(segment for segment in parts.path.split("/") if is_opaque_segment(segment)),
    ]
