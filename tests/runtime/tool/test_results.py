"""Answers become typed values: open to growth, exact about JSON, honest about misfits."""

from __future__ import annotations

import json
import pickle
import warnings
from typing import Annotated, Any, Literal

import pytest
from mcp_sdkgen_runtime import (
    Arguments,
    Model,
    RawResult,
    ResultError,
    Tool,
    ToolError,
    Unstructured,
)
from mcp_sdkgen_runtime.tool.codec import decode
from pydantic import Field

Kind = Literal["a", "b"]


class Circle(Model):
    kind: Literal["circle"]
    radius: float


class Square(Model):
    kind: Literal["square"]
    side: float
    radius: float | None = None


class Group(Model):
    kind: Literal["group"]
    members: list[Circle | Square | Group]
    first: Circle | Square | None = None


class Thing(Model):
    kind: Kind
    kinds: list[Kind] | None = None
    by_name: Annotated[dict[str, Kind | None] | None, Field(alias="byName")] = None
    maybe: Literal[1, 2] | None = None
    count: int = 0
    share: float = 0.0
    done: bool = False
    precip_mm: Annotated[float | None, Field(alias="precipMm")] = None
    fields: dict[str, Any] | None = None


def tool(result: Any, unwrap: str | None = None) -> Tool[Any]:
    return Tool(server="s", name="t", arguments=Arguments, result=result, digest="", unwrap=unwrap)


def answer(structured: Any) -> RawResult:
    return RawResult([], structured)


def texts(*found: str) -> RawResult:
    return RawResult([{"type": "text", "text": text} for text in found])


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "new", "kinds": ["a", "zz"], "byName": {"x": "yy", "y": None}, "maybe": 7},
        {"kind": "a", "maybe": None, "extra": {"deep": [1, None]}},
        {"kind": "b", "count": 2, "share": 1, "done": True, "precipMm": 0.5},
        {"kind": "b", "share": 2**60 + 1, "count": 2**70},
        {"kind": "b", "share": 2**53 + 1},
        {"kind": "b", "share": -(2**53) - 1},
        {"kind": "a", "fields": {"kind": 1}},
    ],
)
def test_the_dump_of_a_result_is_the_json_that_came_in(data: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        thing = decode(tool(Thing), answer(data))
        assert thing.model_dump() == data
        assert thing.model_dump(mode="json", by_alias=True, exclude_unset=True) == data
        assert json.loads(thing.model_dump_json()) == data
    assert isinstance(thing, Thing)


def test_a_whole_number_is_an_integer_however_it_is_written() -> None:
    thing = decode(tool(Thing), answer({"kind": "a", "count": 3.0}))
    assert (thing.count, type(thing.count)) == (3, int)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"kind": "a", "count": "5"}, "count"),
        ({"kind": "a", "count": 1.5}, "count"),
        ({"kind": "a", "count": True}, "count"),
        ({"kind": "a", "done": "yes"}, "done"),
        ({"kind": "a", "share": "0.5"}, "share"),
        ({"kind": 3}, "kind"),
        ({"kind": "a", "kinds": ["a", 3]}, "kinds[1]"),
        ({"kinds": []}, "kind"),
        ([], ""),
    ],
)
def test_a_wrong_shape_is_a_result_error_with_the_data_and_the_place(data: Any, place: str) -> None:
    with pytest.raises(ResultError) as misfit:
        decode(tool(Thing), answer(data))
    assert misfit.value.place == place
    assert misfit.value.data == data
    assert misfit.value.ran is True


def test_a_wire_key_fills_a_renamed_field_only_by_its_alias() -> None:
    thing = decode(tool(Thing), answer({"kind": "a", "precip_mm": 3.0}))
    assert thing.precip_mm is None
    assert thing.model_extra == {"precip_mm": 3.0}


def test_models_are_constructed_by_python_names() -> None:
    assert Thing(kind="a", precip_mm=1.5).model_dump() == {"kind": "a", "precipMm": 1.5}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"kind": "circle", "radius": 1.5}, Circle),
        ({"kind": "square", "side": 2.0, "radius": 1.5}, Square),
        ({"kind": "square", "side": 2.0, "radius": 1.5, "more": 1, "evenMore": 2}, Square),
        ({"kind": "group", "members": []}, Group),
    ],
)
@pytest.mark.parametrize("union", [Circle | Square | Group, Group | Square | Circle])
def test_members_of_a_union_are_told_apart_by_their_literals(
    data: Any, kind: type, union: Any
) -> None:
    assert type(decode(tool(union), answer(data))) is kind
    assert type(decode(tool(list[union]), answer([data]))[0]) is kind


def test_one_unknown_member_does_not_confuse_its_neighbours() -> None:
    data = {
        "kind": "group",
        "members": [
            {"kind": "square", "side": 1.0, "radius": 2.0},
            {"kind": "triangle", "radius": 2.0},
            {"kind": "group", "members": [{"kind": "square", "side": 1.0, "radius": 1.0}]},
        ],
        "first": {"kind": "square", "side": 3.0, "radius": 3.0},
    }
    group = decode(tool(Circle | Square | Group), answer(data))
    assert [type(member) for member in group.members][::2] == [Square, Group]
    assert type(group.members[2].members[0]) is Square
    assert group.members[1].kind == "triangle"
    assert type(group.first) is Square
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert group.model_dump() == data


def test_results_that_are_no_models_are_open_too() -> None:
    assert decode(tool(list[Kind]), answer(["a", "new"])) == ["a", "new"]
    assert decode(tool(dict[str, Kind | None]), answer({"x": "new", "y": None}))["x"] == "new"
    with pytest.raises(ResultError):
        decode(tool(list[Kind]), answer(["a", 3]))


def test_wrapped_values_are_unwrapped() -> None:
    assert decode(tool(list[int], "result"), answer({"result": [1, 2]})) == [1, 2]
    assert decode(tool(list[int], "result"), answer([1, 2])) == [1, 2]
    assert decode(tool(Thing | None, "result"), answer({"result": None})) is None


def test_null_is_an_answer() -> None:
    assert decode(tool(Thing | None), answer(None)) is None
    with pytest.raises(ResultError):
        decode(tool(Thing), answer(None))


def test_text_that_is_the_promised_json_is_accepted() -> None:
    assert decode(tool(Thing), texts('{"kind": "a"}')).kind == "a"
    assert decode(tool(list[int], "result"), texts("[1, 2]")) == [1, 2]
    assert decode(tool(list[int], "result"), texts("1", "2")) == [1, 2]
    assert decode(tool(str, "result"), texts("plain words")) == "plain words"


def test_an_answer_without_what_was_promised_is_a_result_error() -> None:
    with pytest.raises(ResultError, match="plain words"):
        decode(tool(Thing), texts("plain words"))
    with pytest.raises(ResultError, match="no structured content"):
        decode(tool(Thing), RawResult([{"type": "image", "data": ""}]))


def test_a_reported_failure_is_a_tool_error_with_its_text_and_blocks() -> None:
    raw = RawResult([{"type": "text", "text": "no such city\x1b[2J"}], {"code": 7}, is_error=True)
    with pytest.raises(ToolError) as failed:
        decode(tool(Thing), raw)
    assert failed.value.text == "no such city\x1b[2J"
    assert failed.value.content == raw.content
    assert failed.value.structured == {"code": 7}
    assert str(failed.value) == "s.t: no such city\\x1b[2J"


def test_a_tool_without_output_schema_gives_unstructured() -> None:
    found = decode(tool(Unstructured), RawResult([{"type": "text", "text": "[1]"}], {"a": 1}))
    assert isinstance(found, Unstructured)
    assert (found.text, found.json()) == ("[1]", {"a": 1})


def test_errors_survive_pickling() -> None:
    with pytest.raises(ResultError) as misfit:
        decode(tool(Thing), answer([]))
    again = pickle.loads(pickle.dumps(misfit.value))
    assert (str(again), again.data, again.server) == (str(misfit.value), [], "s")


HOSTILE = "x\x1b]52;c;ZXZpbA==\x07\x1b[2J\u202e\nforged line "


def test_what_a_model_prints_steers_no_terminal_and_forges_no_line() -> None:
    class Thing(Model):
        a: str
        inner: Any = None

    thing = Thing.model_validate({"a": HOSTILE, "inner": {HOSTILE: HOSTILE}, HOSTILE: 1, "é": 2})
    for printed in (repr(thing), str(thing), repr([thing])):
        assert printed.isprintable()
    assert "é=2" in repr(thing)
    assert thing.model_dump()[HOSTILE] == 1


def test_what_an_unstructured_result_prints_steers_no_terminal() -> None:
    found = Unstructured([{"type": "text", "text": HOSTILE}])
    assert str(found) == "x\\x1b]52;c;ZXZpbA==\\x07\\x1b[2J\\u202e\nforged line "
    assert repr(found).isprintable()
    assert found.text == HOSTILE
    usual = "10\u202f000\u00a0€ 👩\u200d💻\ta\u3000b\n"
    assert str(Unstructured([{"type": "text", "text": usual}])) == usual


@pytest.mark.parametrize("unseen", ["\u200f", "\u061c", "\u200b", "\U000e0041", "\ufe00", "\u3164"])
def test_what_nobody_can_see_is_written_out_in_all_that_results_print(unseen: str) -> None:
    class Thing(Model):
        a: str

    found = Unstructured([{"type": "text", "text": f"pay{unseen}me"}])
    spelled = ascii(unseen)[1:-1]
    assert str(found) == f"pay{spelled}me"
    assert repr(found).isprintable() and spelled in repr(found)
    assert spelled in repr(Thing(a=f"pay{unseen}me"))


def test_joiners_stay_only_where_a_script_or_an_emoji_is_written_with_them() -> None:
    usual = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 👩\u200d💻 ❤\ufe0f"
    assert str(Unstructured([{"type": "text", "text": usual}])) == usual
    assert str(Unstructured([{"type": "text", "text": "a\u200db\ufe0f"}])) == r"a\u200db\ufe0f"
