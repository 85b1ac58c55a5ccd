"""Bounds of single values: identifiers, integers, lines of secrets, keys of Python's literals."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp_sdkgen_runtime.config.document import parse
from mcp_sdkgen_runtime.content.json_text import text_readings
from mcp_sdkgen_runtime.errors import ConfigurationError
from mcp_sdkgen_runtime.observability.spellings import forms
from mcp_sdkgen_runtime.schema.references import References
from mcp_sdkgen_runtime.schema.validation import unread
from mcp_sdkgen_runtime.text import shortened


@pytest.mark.parametrize("number", ["1" * 5_000, "0x" + "f" * 5_000, "9223372036854775808"])
def test_an_integer_of_toml_beyond_64_bits_is_an_error_of_the_file(number: str) -> None:
    with pytest.raises(ConfigurationError, match="more than 64 bits"):
        parse(f"a = [{number}]", Path("x.toml"))


def test_an_integer_of_toml_within_64_bits_is_read() -> None:
    assert parse("a = [-9223372036854775808]", Path("x.toml")) == {"a": [-(2**63)]}


def test_an_integer_that_python_does_not_write_can_be_shown() -> None:
    assert "too many digits" in shortened({"a": 16**5_000})


def test_an_identifier_that_is_too_long_names_nothing_and_is_told() -> None:
    schema = {"$id": "http://x/" + "a" * 3_000, "$ref": "#/$defs/d", "$defs": {"d": {}}}
    assert [one.pointer for one in unread(schema)] == ["/$id"]
    assert References(schema).resolve("#/$defs/d", "") is not None


def test_of_a_secret_with_very_many_lines_the_first_thousand_are_secrets_by_themselves() -> None:
    found = forms("\n".join(f"line{number:08d}" for number in range(1_001)))
    assert "line00000999" in found
    assert "line00001000" not in found


@pytest.mark.parametrize("text", ["{1: 2}", "[{1, 2}]", "{**{}}", "[b'a']", "[1 + 2j]", "[set()]"])
def test_what_is_no_json_in_python_is_no_reading(text: str) -> None:
    assert list(text_readings(text)) == []


def test_literals_of_python_are_read() -> None:
    assert list(text_readings("{'a': (1, -2.5, None, True, 'b')}")) == [
        {"a": [1, -2.5, None, True, "b"]}
    ]
