"""Arguments and results of calls, as an outcome shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.payloads import payload


@pytest.mark.parametrize(
    ("text", "shown", "is_cut"),
    [
        ('{"x": [1, null]}', {"x": [1, None]}, False),
        (json.dumps("y" * 20_000), '"' + "y" * 19_998 + "…", True),
        ("[" * 200 + "]" * 200, "[" * 200 + "]" * 200, True),
        ("no JSON", "no JSON", True),
    ],
)
def test_payloads_are_json_data_and_what_is_too_large_is_the_beginning_of_its_text(
    text: str, shown: Any, is_cut: bool
) -> None:
    assert payload(text) == (shown, is_cut)
