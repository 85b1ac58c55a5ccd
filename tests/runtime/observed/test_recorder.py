"""What is recorded of an answer: its structure, and none of its values."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp_sdkgen_runtime import Arguments, Client, Observe, RawResult, SessionOptions, Tool
from mcp_sdkgen_runtime.observed.recorder import reading
from mcp_sdkgen_runtime.observed.shape import SCALARS, is_name, shape_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class NoArguments(Arguments):
    pass


class Fixed:
    """A session that gives one answer to every call."""

    def __init__(self, raw: RawResult) -> None:
        self.raw = raw

    def call(self, tool: str, arguments: dict[str, Any], **_: Any) -> RawResult:
        return self.raw


class Reader(Client):
    SERVER = "reader"

    def read(self) -> Any:
        return self._call(TOOL, {})


TOOL: Tool[Any] = Tool(
    server="reader", name="read", arguments=NoArguments, result=Any, digest="sha256:0"
)
TOOL.definition = {"annotations": {"readOnlyHint": True}}


def text(*texts: str) -> RawResult:
    return RawResult([{"type": "text", "text": one} for one in texts])


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        ({"id": 7, "tags": ["a", "b"]}, {"id": "integer", "tags": ["string"]}),
        ([1, 2.5, None, True], ["integer", "number", "null", "boolean"]),
        ({"2031-01-02": 3, "2031-01-03": 4}, {"*": ["integer"]}),
        ({"a@b.example": {"n": 1}}, {"*": [{"n": "integer"}]}),
        ({"7f3e2d1c": 1}, {"*": ["integer"]}),
        ({"550e8400-e29b-41d4-a716-446655440000": 1}, {"*": ["integer"]}),
        ({"U02ABCDEF": 1}, {"*": ["integer"]}),
        ({"Ada Lovelace": 1}, {"*": ["integer"]}),
        ({"ada": {"id": "ada", "n": 1}}, {"*": [{"id": "string", "n": "integer"}]}),
        ({"a": {"n": 1}, "b": {"n": 2}, "c": {"n": 3}}, {"*": [{"n": "integer"}]}),
        ({"Woolf": 3, "Austen": 5}, {"*": ["integer"]}),
        ({"Name": "x", "Year": 5}, {"Name": "string", "Year": "integer"}),
        ([{"Name": "x", "Land": "y"}] * 2, [{"Name": "string", "Land": "string"}]),
        ({"address1": "x", "sha256": "y"}, {"address1": "string", "sha256": "string"}),
        ({"x-kind": "a", "@type": "b"}, {"x-kind": "string", "@type": "string"}),
        ({"*": 1}, {"*": ["integer"]}),
        ({}, {}),
        ([], []),
    ],
)
def test_keys_that_are_data_become_a_map_and_names_stay(data: Any, shape: Any) -> None:
    assert shape_of(data) == shape


def test_a_key_that_the_caller_sent_is_data() -> None:
    assert shape_of({"oslo": {"high": 3}}, {"oslo"}) == {"*": [{"high": "integer"}]}
    assert shape_of({"oslo": 3, "bergen": 4}, {"oslo", "bergen"}) == {"*": ["integer"]}
    assert shape_of({"price": 3, "name": "x"}, {"price"}) == {"price": "integer", "name": "string"}


@settings(deadline=None, max_examples=60)
@given(JSON)
def test_a_shape_has_no_word_but_types_and_names_of_fields(data: Any) -> None:
    def check(shape: Any) -> None:
        if isinstance(shape, str):
            assert shape in SCALARS
        elif isinstance(shape, list):
            list(map(check, shape))
        else:
            assert set(shape) == {"*"} or all(map(is_name, shape))
            list(map(check, shape.values()))

    check(shape_of(data))


def test_an_answer_of_any_depth_and_width_has_a_small_shape() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    assert len(json.dumps(shape_of(deep))) < 200
    assert shape_of({f"key{'x' * (n % 60)}{n % 9}{n}": n for n in range(9_999)}) == {
        "*": ["integer"]
    }
    kinds = [{f"f{'x' * n}": n} for n in range(60)] + [{"a": [{"b": n}] * n} for n in range(9)]
    assert shape_of([*kinds, *[{f"g{'x' * n}": n} for n in range(60)]]) == ["any"]


@pytest.mark.parametrize(
    ("raw", "read", "shape"),
    [
        (RawResult([], {"n": 1}), "structured", {"n": "integer"}),
        (text('{"n": 1}'), "json", {"n": "integer"}),
        (text('{"n":', "1}"), "json", {"n": "integer"}),
        (text('{"n": 1}', '{"n": 2}'), "blocks", [{"n": "integer"}]),
        (text("42"), "text", None),
        (text('{"n": 1}', "and so on"), "text", None),
        (text("[" * 100_000), "text", None),
        (RawResult([{"type": "image", "data": "AAAA"}]), "media", None),
        (RawResult([]), "empty", None),
    ],
)
def test_an_answer_is_read_as_a_result_would_be(raw: RawResult, read: str, shape: Any) -> None:
    assert reading(raw, {}) == (read, shape)


def test_each_way_to_ask_for_a_recording_gives_the_same_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Fixed(text('{"secret": "swordfish"}'))
    path = tmp_path / "below" / "shapes.ndjson"
    Reader(session, options=SessionOptions(observe=path)).read()
    Reader(session).with_options(observe=Observe(path, tools=["read"])).read()
    monkeypatch.setenv("MCP_SDKGEN_OBSERVE", str(path))
    Reader(session).read()
    assert [json.loads(line) for line in path.read_text().splitlines()] == 3 * [
        {
            "server": "reader",
            "tool": "read",
            "digest": "sha256:0",
            "read": "json",
            "shape": {"secret": "string"},
        }
    ]
    Reader(session).with_options(observe=Observe(path, tools=["another"])).read()
    assert len(path.read_text().splitlines()) == 3


def test_a_recording_that_fails_costs_no_answer_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    reader = Reader(Fixed(text('{"n": 1}'))).with_options(observe=tmp_path / "file" / "shapes")
    with caplog.at_level(logging.WARNING):
        assert reader.read() == {"n": 1}
        reader.read()
    assert [r.message for r in caplog.records if "was not observed" in r.message] != []


def test_failures_are_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "shapes.ndjson"
    raw = RawResult([{"type": "text", "text": '{"why": "no"}'}], is_error=True)
    with pytest.raises(Exception, match="why"):
        Reader(Fixed(raw)).with_options(observe=path).read()
    assert not path.exists()
