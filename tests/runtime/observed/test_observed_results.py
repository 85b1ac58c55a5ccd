"""What a caller gets from a tool whose type was observed."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from mcp_sdkgen_runtime import (
    OMIT,
    Arguments,
    Client,
    Model,
    Observed,
    RawResult,
    ResultError,
    Tool,
    ToolError,
    Unstructured,
)


class LookArguments(Arguments):
    pass


class Item(Model):
    id: int
    note: str | None = None


ONE: Tool[Observed[Item]] = Tool(
    server="shop", name="look", arguments=LookArguments, result=Observed[Item], digest=""
)
MANY: Tool[Observed[list[Item]]] = Tool(
    server="shop", name="list", arguments=LookArguments, result=Observed[list[Item]], digest=""
)


class Shop(Client):
    SERVER = "shop"

    def look(self) -> Observed[Item]:
        return self._call(ONE, {})

    def list(self) -> Observed[list[Item]]:
        return self._call(MANY, {})


class Fixed:
    def __init__(self, raw: RawResult) -> None:
        self.raw = raw

    def call(self, tool: str, arguments: dict[str, Any], **_: Any) -> RawResult:
        return self.raw


def shop(*texts: str, structured: Any = OMIT, is_error: bool = False) -> Shop:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text} for text in texts]
    return Shop(Fixed(RawResult(blocks, structured, is_error)))


def test_an_answer_that_fits_is_typed_and_can_still_be_read_as_it_came() -> None:
    for answer in (shop('{"id": 7}').look(), shop(structured={"id": 7}).look()):
        assert isinstance(answer, Unstructured)
        assert answer.data is not None and answer.data.id == 7
        assert answer.require().note is None
        assert answer.json() == {"id": 7}
        assert answer.fault is None and "data=Item(id=7" in repr(answer)


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        (["There is none."], ""),
        (['{"id": "swordfish"}'], "id"),
        (["[]"], ""),
        (["{"], ""),
        ([], ""),
    ],
)
def test_an_answer_that_does_not_fit_is_never_an_exception(
    texts: list[str], place: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = shop(*texts).look()
    assert answer.data is None and answer.fault is not None
    assert answer.fault.place == place
    assert answer.text == "\n".join(texts)
    assert repr(answer).startswith("Observed(data=None")
    with pytest.raises(ResultError) as raised:
        answer.require()
    assert raised.value.tool == "look" and raised.value.server == "shop"
    assert not [record for record in caplog.records if "swordfish" in record.message]


def test_a_list_in_blocks_is_a_list_with_any_number_of_items() -> None:
    assert [item.id for item in shop('{"id": 1}', '{"id": 2}').list().require()] == [1, 2]
    assert [item.id for item in shop('{"id": 1}').list().require()] == [1]
    assert shop().list().require() == []


def test_a_lenient_client_gets_what_can_be_made_of_it() -> None:
    answer = shop('{"id": "7", "note": "x"}').with_options(results="lenient").look()
    assert answer.data is not None
    assert (answer.data.id, answer.data.note) == ("7", "x")


def test_a_tool_that_fails_still_raises() -> None:
    with pytest.raises(ToolError, match="out of stock"):
        shop("out of stock", is_error=True).look()
