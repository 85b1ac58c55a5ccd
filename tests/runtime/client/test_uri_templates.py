"""RFC 6570: the examples of the specification, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen_runtime import ArgumentsError
from mcp_sdkgen_runtime.client.uri_template import expand, variables

VALUES = {
    "var": "value",
    "hello": "Hello World!",
    "empty": "",
    "path": "/foo/bar",
    "list": ["red", "green", "blue"],
    "x": 1024,
    "y": "768",
    "none": None,
}


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("{var}", "value"),
        ("{hello}", "Hello%20World%21"),
        ("{+hello}", "Hello%20World!"),
        ("{+path}/here", "/foo/bar/here"),
        ("X{#hello}", "X#Hello%20World!"),
        ("map?{x,y}", "map?1024,768"),
        ("{var:3}", "val"),
        ("{list}", "red,green,blue"),
        ("X{.list*}", "X.red.green.blue"),
        ("{/var,x}/here", "/value/1024/here"),
        ("{/list*}", "/red/green/blue"),
        ("{;x,y,empty}", ";x=1024;y=768;empty"),
        ("{?x,y,empty}", "?x=1024&y=768&empty="),
        ("{?list*}", "?list=red&list=green&list=blue"),
        ("?fixed=yes{&x}", "?fixed=yes&x=1024"),
        ("{?none,unknown}", ""),
        ("users://{hello}/{none}", "users://Hello%20World%21/"),
    ],
)
def test_templates_expand_as_the_rfc_says(template: str, uri: str) -> None:
    assert expand(template, VALUES) == uri


def test_the_names_a_template_asks_for() -> None:
    assert variables("a{x,y*}{?x,z:3}") == ("x", "y", "z")


def test_an_empty_part_of_a_path_is_refused(memory: Any) -> None:
    with pytest.raises(ArgumentsError, match="'user_id': must not be empty"):
        Weather(memory).resources.user_profile(user_id="")
