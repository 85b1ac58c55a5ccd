"""What a generated SDK makes of answers: tuples, and unions that a property tells apart."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.lock.versioning import advance
from mcp_sdkgen_runtime import ArgumentsError, RawResult, ResultError

from tests.casebook import CASES, Case
from tests.checking import write

CAT = {"petType": "cat", "name": "Tom"}
DOG = {"petType": "dog", "name": "Rex"}


class _Session:
    """Answers every call with `answer`, and keeps what was sent."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.sent: Any = None

    def call(self, tool: str, arguments: Any, **options: Any) -> RawResult:
        self.sent = arguments
        return RawResult([], structured=self.answer)


@pytest.fixture(scope="module")
def sdks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The client classes of the cases, by name of the case."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("openapi_discriminators", "typed_tuples"):
            case = Case(CASES / name)
            patch.syspath_prepend(write(case.generated, tmp_path_factory.mktemp(name)))
            module = importlib.import_module(case.generated.package)
            found[name] = getattr(module, case.generated.lowered.server.class_name)
        yield found


@pytest.mark.parametrize(
    ("tool", "tag", "kind"),
    [
        ("with_mapping", "dog", "Dog"),
        ("with_mapping", "cat", "Cat"),
        ("with_mapping", "Dog", "Dog"),
        ("without_mapping", "Dog", "Dog"),
        ("without_mapping", "Cat", "Cat"),
        ("by_bare_name", "d", "Dog"),
        ("by_bare_name", "c", "Cat"),
        ("nested", "dog", "Dog"),
        ("nested", "fish", "Fish"),
        ("typed_beside", "dog", "TypedBesidePetDog"),
    ],
)
def test_a_discriminator_decides_the_class(sdks: Any, tool: str, tag: str, kind: str) -> None:
    answer = {"pet": {"petType": tag, "name": "x"}}
    client = sdks["openapi_discriminators"](_Session(answer))

    result = getattr(client, tool)()

    assert type(result.pet).__name__ == kind
    assert result.model_dump() == answer


def test_it_decides_in_lists_beside_null_and_for_the_whole_result(sdks: Any) -> None:
    made = sdks["openapi_discriminators"]

    listed = made(_Session({"pet": [DOG, None, CAT]})).nullable_list()
    whole = made(_Session(DOG)).whole_result()

    assert [type(one).__name__ for one in listed] == ["Dog", "NoneType", "Cat"]
    assert type(whole).__name__ == "Dog"


def test_a_tag_is_read_whatever_it_is_called_and_wherever_it_stands(sdks: Any) -> None:
    made = sdks["openapi_discriminators"]
    hostile = {"pet": {'pet"Type\\': "\\N{BEL}'\n", "petType": "x"}}
    inside = {"pet": {"kind": "box", "inside": {"kind": "box", "inside": {"kind": "bag"}}}}

    assert type(made(_Session(hostile)).hostile().pet).__name__ == "Dog"
    box = made(_Session(inside)).recursive().pet.inside
    assert [type(box).__name__, type(box.inside).__name__] == ["Box", "Bag"]


def test_what_is_wrong_in_the_class_that_was_meant_is_told_of_that_class(sdks: Any) -> None:
    wrong = {"pet": {**DOG, "breed": 7}}
    client = sdks["openapi_discriminators"](_Session(wrong))

    with pytest.raises(ResultError, match=r"pet\.breed: Input should be a valid string; got 7"):
        client.with_mapping()
    lenient = client.with_options(results="lenient").with_mapping()

    assert type(lenient.pet).__name__ == "Dog"
    assert lenient.pet.breed == 7


def test_an_unknown_tag_is_read_as_what_fits_best_and_a_wrong_one_is_an_error(sdks: Any) -> None:
    made = sdks["openapi_discriminators"]
    unknown = {"pet": {"petType": "hamster", "breed": "golden"}}

    result = made(_Session(unknown)).with_mapping()

    assert type(result.pet).__name__ == "Dog"
    assert result.model_dump() == unknown
    with pytest.raises(ResultError, match=r"pet\.petType"):
        made(_Session({"pet": {"petType": 3}})).with_mapping()


def test_tuples_are_checked_and_sent_as_json_arrays(sdks: Any) -> None:
    corner = {"corner": [1.5, "a"], "path": ["p", {"x": 1}, {"x": 2}], "by_name": {"k": [1, 2]}}
    session = _Session({**corner, "loose": ["a"]})
    client = sdks["typed_tuples"](session)

    result = client.plot(point=(1, 2.5), open=("a", True), objects=({"a": "x"}, [{"b": 1}]))

    assert session.sent == {
        "point": [1, 2.5],
        "open": ["a", True],
        "objects": [{"a": "x"}, [{"b": 1}]],
    }
    assert result.corner == (1.5, "a")
    assert result.path[0] == "p" and [one.x for one in result.path[1:]] == [1, 2]
    assert result.loose == ("a",)
    assert result.model_dump() == session.answer
    assert result.model_dump_json() == type(result).model_validate(session.answer).model_dump_json()
    for point in ((1,), (1, 2, 3), ("a", 1)):
        with pytest.raises(ArgumentsError, match="'point"):
            client.plot(point=point)


@pytest.mark.parametrize(
    ("change", "place"),
    [({"corner": [1.5]}, "corner"), ({"corner": ["a", "b"]}, r"corner\[0\]"),
     ({"path": ["p", {"x": "q"}]}, r"path\[1\]\.x"), ({"path": []}, "path"),
     ({"by_name": {"k": [1, 2, 3]}}, r"by_name\.k")],
)  # fmt: skip
def test_a_tuple_in_an_answer_that_does_not_fit_is_named(
    sdks: Any, change: dict[str, Any], place: str
) -> None:
    good = {"corner": [1.5, "a"], "path": ["p"], "by_name": {}, "loose": []}
    client = sdks["typed_tuples"](_Session(good | change))

    with pytest.raises(ResultError, match=place):
        client.plot(point=(1, 2))
    lenient = client.with_options(results="lenient").plot(point=(1, 2))

    assert lenient.model_dump() == good | change


def test_a_tuple_may_be_the_whole_result_and_may_hold_the_class_it_is_in(sdks: Any) -> None:
    tree = {"root": {"name": "a", "sides": [{"name": "b"}, {"name": "c"}, {"name": "d"}]}}

    assert sdks["typed_tuples"](_Session({"result": ["a", 1]})).plot_old() == ("a", 1)
    root = sdks["typed_tuples"](_Session(tree)).tree().root
    assert [one.name for one in root.sides] == ["b", "c", "d"]


def test_an_sdk_that_was_first_built_without_tuples_keeps_its_lists() -> None:
    fresh = _pair({"type": "array", "prefixItems": [{"type": "string"}], "items": False,
                   "minItems": 1})  # fmt: skip
    lock = Snapshot.loads(fresh.dumps().replace('"edition": 3', '"edition": 2'))

    kept, _ = advance(lock, fresh)

    assert "result: str\n" not in _surface(kept)
    assert "list[str]" in _surface(kept)
    assert "tuple[str]" in _surface(fresh)


def test_only_an_sdk_without_tuples_keeps_the_name_tuple() -> None:
    pair = {"type": "array", "prefixItems": [{"type": "string"}], "items": False, "minItems": 1}
    output = {"type": "object", "properties": {"tuple": pair, "pair": pair}}
    tool = {"name": "tuple", "inputSchema": {"type": "object"}, "outputSchema": output}
    fresh = Snapshot.of("s", [tool])
    lock = Snapshot.loads(fresh.dumps().replace('"edition": 3', '"edition": 2'))

    kept, _ = advance(lock, fresh)

    assert "tuple: list[str] | None" in _surface(kept)
    assert "def tuple(" in _surface(kept)
    assert 'tuple_: Annotated[tuple[str] | None, Field(alias="tuple")]' in _surface(fresh)
    assert "def tuple_(" in _surface(fresh)


def test_a_list_that_becomes_a_tuple_breaks_only_sdks_that_have_tuples() -> None:
    as_list = _pair({"type": "array", "items": {"type": "string"}})
    pair = [{"type": "string"}, {"type": "string"}]
    as_tuple = _pair({"type": "array", "prefixItems": pair, "items": False, "minItems": 2})
    old = Snapshot.loads(as_list.dumps().replace('"edition": 3', '"edition": 2'))

    _, drift = advance(as_list, as_tuple)
    _, kept = advance(old, as_tuple)

    (change,) = (one for one in drift.changes if one.severity == "breaking")
    assert "was a list, is a tuple" in change.message
    assert kept.severity == "compatible"


def _pair(schema: dict[str, Any]) -> Snapshot:
    output = {"type": "object", "properties": {"pair": schema, "n": {"type": "integer"}}}
    tool = {"name": "get", "inputSchema": {"type": "object"}, "outputSchema": output}
    return Snapshot.of("s", [tool])


def _surface(snapshot: Snapshot) -> str:
    return generate(snapshot).files["s_sdk/surface.pyi"]


def test_a_dialect_that_does_not_know_prefix_items_makes_no_tuple_of_them() -> None:
    old = _pair({"type": "array", "prefixItems": [{"type": "string"}], "items": False})
    draft = "http://json-schema.org/draft-07/schema#"
    text = old.dumps().replace('"outputSchema": {', f'"outputSchema": {{"$schema": "{draft}",', 1)

    assert "tuple[" in _surface(old)
    assert "tuple[" not in _surface(Snapshot.loads(text))
