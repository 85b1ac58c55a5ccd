"""What a method of a resource template asks the server for, and what it refuses."""

from __future__ import annotations

from typing import Any

import mcp_types as types
import pytest
from handmade_weather_sdk import Weather
from mcp.server.lowlevel.server import Server
from mcp_sdkgen_runtime import OMIT, ArgumentsError

VALUES = {
    "word": "value",
    "words": "Hello World!",
    "empty": "",
    "path": "/foo/bar",
    "list": ["red", "green", "blue"],
    "numbers": (1, 2),
    "number": 1024,
    "flag": True,
    "none": None,
    "omitted": OMIT,
}


async def _read(ctx: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    asked = types.TextResourceContents(uri=str(params.uri), text=str(params.uri))
    return types.ReadResourceResult(contents=[asked])


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("a://{word}", "a://value"),
        ("a://{words}/{none}", "a://Hello%20World%21/"),
        ("a://x{+path}/here", "a://x/foo/bar/here"),
        ("a://x{#words}", "a://x#Hello%20World!"),
        ("a://{number:2}{/flag}", "a://10/true"),
        ("a://{list}", "a://red,green,blue"),
        ("a://x{/list*}", "a://x/red/green/blue"),
        ("a://x{?numbers*}", "a://x?numbers=1&numbers=2"),
        ("a://x{;number,empty}", "a://x;number=1024;empty"),
        ("a://x{?number,empty}", "a://x?number=1024&empty="),
        ("a://x?fixed=yes{&word}", "a://x?fixed=yes&word=value"),
        ("a://x{?none,omitted,unknown}", "a://x"),
    ],
)
def test_the_server_is_asked_for_the_template_filled_in(template: str, uri: str) -> None:
    server: Any = Server("echo", on_read_resource=_read)
    with Weather(server) as weather:
        assert weather.resources._read(template, VALUES).text == uri


def test_half_a_surrogate_pair_is_refused_and_costs_no_connection(memory: Any) -> None:
    with Weather(memory) as weather:
        for ask in (
            lambda: weather.resources.user_profile(user_id="\ud83d"),
            lambda: weather.resources._read("a://x{?words}", {"words": ["a", "\ud83d"]}),
            lambda: weather.resources.read("a://\ud83d"),
            lambda: weather.prompts.code_review(code="\ud83d"),
            lambda: weather.get_forecast(city="\ud83d"),
        ):
            with pytest.raises(ArgumentsError, match="half a surrogate pair") as refused:
                ask()
            assert refused.value.argument is not None
        assert weather.resources.user_profile(user_id="😀").json() == {"id": "😀"}


def test_an_empty_part_of_a_path_is_refused(memory: Any) -> None:
    with pytest.raises(ArgumentsError, match="'user_id': must not be empty"):
        Weather(memory).resources.user_profile(user_id="")
