"""Secrets are found by name and by form, and what only looks like one stays."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from mcp_sdkgen_runtime.observability.log import logger
from mcp_sdkgen_runtime.observability.redaction import Redaction

R = "[redacted]"

CHANGED = [
    ({"apiKey": "x", "X-Api-Key": "y"}, {"apiKey": R, "X-Api-Key": R}),
    ({"auth": {"password": ["a", 1, None, True]}}, {"auth": {"password": [R, 0, None, True]}}),
    ({"credentials": {"user": "me"}}, {"credentials": {"user": R}}),
    ("Authorization: Bearer abcdefghijk", f"Authorization: {R}"),
    ('{"password": "my \\"pass phrase", "a": 1}', f'{{"password": "{R}", "a": 1}}'),
    ('"{\\"token\\": \\"abc def\\"}"', f'"{{\\"token\\": \\"{R}\\"}}"'),
    ("q='token: abc'", f"q='token: {R}'"),
    ("a: token: abc", f"a: token: {R}"),
    ("{'secret': 'a b'}", f"{{'secret': '{R}'}}"),
    ('"one\\npassword: abc"', f'"one\\npassword: {R}"'),
    ("https://me:pw@x.test/?token=abc&page=2", f"https://{R}@x.test/?token={R}&page=2"),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----.", f"{R}."),
    ("key AKIAABCDEFGHIJKLMNOP.", f"key {R}."),
    ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln and on", f"{R} and on"),
    ("a session-eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", f"a {R}"),
]


@pytest.mark.parametrize(("value", "clean"), CHANGED)
def test_a_secret_is_taken_out(value: Any, clean: Any) -> None:
    assert Redaction().cleaned(value) == clean
    assert Redaction().cleaned(clean) == clean


@pytest.mark.parametrize(
    "value",
    [
        {"maxTokens": 5, "nextPageToken": "abc", "tokens": ["a"], "secretary": "Ann", "key": "C"},
        "next_page_token=abc max_tokens: 5",
        '{"token": 5, "password": null}',
        "Basic internationalisation, and the bearer of news",
        {"mimeType": "image/png", "data": "AKIAABCDEFGHIJKLMNOP"},
        "monkey: banana",
        12.5,
        None,
    ],
)
def test_what_only_looks_like_a_secret_stays(value: Any) -> None:
    assert Redaction().cleaned(value) == value


@pytest.mark.parametrize(
    "part", ["A", "a.b-", 'password="', "a: ", "-----BEGIN PRIVATE KEY-----", "://", "eyJ", "\\"]
)
def test_long_texts_take_no_more_than_their_length(part: str) -> None:
    text = part * (300_000 // len(part))
    assert Redaction().text(text) is not None


def test_log_lines_hold_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "mcp_sdkgen_runtime"):
        logger("mcp_sdkgen_runtime.anything").warning("%s said %r", "it", "password: hunter22")
    assert caplog.messages == ["it said 'password: [redacted]'"]
