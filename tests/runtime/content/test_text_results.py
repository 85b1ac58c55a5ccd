"""JSON in a text: where it is recognised, and where a text stays a text."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from mcp_sdkgen_runtime import ObservedText, RawResult, ResultError, ResultText, Unstructured
from mcp_sdkgen_runtime.content.json_text import MAX_REPR_CHARS
from mcp_sdkgen_runtime.observed.recorder import reading
from mcp_sdkgen_runtime.tool.codec import decode
from mcp_sdkgen_runtime.tool.tool import Model, Tool


class Row(Model):
    id: int


def text(*parts: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": part} for part in parts]


def resource(body: str, mime_type: str) -> dict[str, Any]:
    return {
        "type": "resource",
        "resource": {"uri": "data://rows", "mimeType": mime_type, "text": body},
    }


def tool(result: Any) -> Tool[Any]:
    return Tool(server="s", name="t", result=result, digest="d", unwrap="result")


def wrapped(answer: str) -> RawResult:
    return RawResult(text(answer), {"result": answer})


READ = {
    "json": '{"id": 1}',
    "fence": '```json\n{"id": 1}\n```',
    "fence without a language": '\n```\n{"id": 1}\n```\n',
    "fence in prose": 'Here it is:\n```json\n{"id": 1}\n```\nAnything else?',
    "python": "{'id': 1}",
    "python's own words": "{'id': 1, 'ok': True, 'none': None, 'pair': (1, 2)}",
}
NOT_READ = [
    "plain words",
    "[draft] a letter",
    "{x} and {y}",
    "{1, 2}",
    "{1: 'a'}",
    "{'id': b'x'}",
    "{[1]: 2}",
    "[{{1}}]",
    "{{'id': 1}}",
    "{'id': 1e999}",
    "__import__('os')",
    "[__import__('os')]",
    "```python\n{'id': 1}\n```",
    '```\n{"id": 1}\n``` and more',
    '```json\n{"id": 1}\n```\n```json\n{"id": 2}\n```',
    "[" * 5000 + "]" * 5000,
    "{'id': '" + "x" * MAX_REPR_CHARS + "'}",
]


@pytest.mark.parametrize("answer", READ.values(), ids=READ)
def test_json_is_read_where_it_is_in_a_text(answer: str) -> None:
    for found in (Unstructured(text(answer)).json(), ResultText(answer).json()):
        assert found["id"] == 1
    assert Unstructured(text(READ["python's own words"])).json()["pair"] == [1, 2]


@pytest.mark.parametrize("answer", NOT_READ, ids=lambda answer: answer[:20])
def test_what_may_mean_anything_else_stays_a_text(answer: str) -> None:
    for answered in (Unstructured(text(answer)), ResultText(answer)):
        with pytest.raises(ResultError, match="the answer is not JSON"):
            answered.json()
    assert reading(RawResult(text(answer)), {}) == ("text", None)


def test_an_embedded_json_resource_is_read_when_it_is_the_only_one() -> None:
    rows = resource('{"id": 1}', "application/vnd.rows+json; charset=utf-8")
    assert Unstructured([*text("see below"), rows]).json() == {"id": 1}
    assert Unstructured([rows]).json() == {"id": 1}
    assert reading(RawResult([rows]), {}) == ("json", {"id": "integer"})
    for blocks in ([rows, rows], [resource('{"id": 1}', "text/plain")]):
        with pytest.raises(ResultError):
            Unstructured(blocks).json()


def test_scalars_are_a_list_only_where_there_are_several() -> None:
    assert reading(RawResult(text("1", "2")), {}) == ("blocks", ["integer"])
    assert reading(RawResult(text("1")), {}) == ("text", None)
    assert reading(RawResult(text("one", "two")), {}) == ("text", None)
    assert reading(RawResult(text("1\n2")), {}) == ("text", None)


def test_a_result_text_is_a_str_in_every_way() -> None:
    found = decode(tool(ResultText), wrapped('{"id": 1}'))
    assert isinstance(found, str)
    assert found == '{"id": 1}'
    assert hash(found) == hash('{"id": 1}')
    assert repr(found) == repr('{"id": 1}')
    assert {found: 1}['{"id": 1}'] == 1
    assert json.dumps(found) == json.dumps('{"id": 1}')
    assert (found.json(), found.server, found.tool) == ({"id": 1}, "s", "t")
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert (again, again.json()) == (found, {"id": 1})
    with pytest.raises(ResultError, match=r"s\.t: the answer is not JSON"):
        decode(tool(ResultText), wrapped("words")).json()


def test_a_text_result_must_be_a_text() -> None:
    with pytest.raises(ResultError):
        decode(tool(ResultText), RawResult([], {"result": {"id": 1}}))
    assert decode(tool(ResultText), RawResult(text("only text"))) == "only text"


def test_an_observed_text_has_typed_data_where_the_answer_fits() -> None:
    kind = tool(ObservedText[Row])
    good = decode(kind, wrapped('{"id": 1}'))
    assert (good, good.require().id, good.fault) == ('{"id": 1}', 1, None)
    assert decode(kind, wrapped("{'id': 1}")).require().id == 1
    for again in (pickle.loads(pickle.dumps(good)), copy.deepcopy(good)):
        assert again.require() == good.require()
    for answer, why in (('{"id": "x"}', "id: "), ("words", "not JSON")):
        bad = decode(kind, wrapped(answer))
        assert (bad, bad.data) == (answer, None)
        with pytest.raises(ResultError, match=why):
            bad.require()
