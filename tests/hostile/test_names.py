"""Names from a server, or from a snapshot edited by hand, hide and replace nothing."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import mcp_sdkgen_runtime as runtime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp_sdkgen import Snapshot, generate, names
from mcp_sdkgen.report import ServerReport

from tests.hostile.inspecting import check_files, check_path
from tests.hostile.payloads import TEXTS, tool

WIRES = st.one_of(
    st.text(max_size=120),
    st.sampled_from([*TEXTS.values(), *keyword.kwlist, "con", "COM1", "_call", "__init__", "σς"]),
)
SERVER_KEYS = (
    *("property", "self", "print", "any", "model", "tool", "type", "super", "annotations"),
    *("dist", "con", "lambda", "none", "tools", "init", "__init__", "conftest", "client", "Async"),
    *("../../x", "a\nb", "\x1b[31m", "天气", "", "x" * 500, "[bold]", "-", "mcp-sdkgen-runtime"),
)


def public(*classes: type) -> set[str]:
    return {name for one in classes for name in dir(one) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("settle", "classes"),
    [
        (names.method_names, (runtime.Client, runtime.AsyncClient)),
        (
            lambda wires: names.group_names(wires, "prompt"),
            (
                *(runtime.PromptGroup, runtime.AsyncPromptGroup),
                *(runtime.ResourceGroup, runtime.AsyncResourceGroup),
            ),
        ),
        (names.field_names, (runtime.Model, runtime.Arguments, type(runtime.Model))),
    ],
    ids=["methods", "groups", "fields"],
)
def test_no_generated_name_hides_what_the_runtime_has(
    settle: Callable[[Sequence[str]], list[str]], classes: tuple[type, ...]
) -> None:
    inherited = {name for one in classes for name in dir(one)}
    given_names = settle([*sorted(inherited), *(f"{n}_" for n in sorted(public(*classes)))])
    assert not set(given_names) & inherited
    assert not [name for name in given_names if name.startswith("_")]
    assert len(set(given_names)) == len(given_names)


def test_no_tool_name_hides_a_builtin_that_generated_code_uses() -> None:
    builtins = ["property", "str", "int", "float", "bool", "list", "dict"]
    assert not set(names.method_names(builtins)) & set(builtins)


@settings(max_examples=300)
@given(st.lists(WIRES, max_size=6))
def test_any_tool_names_become_distinct_plain_file_names(wires: list[str]) -> None:
    found = names.method_names(wires)
    for name in found:
        assert name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
        assert unicodedata.normalize("NFKC", name) == name
        check_path(f"{name}.json")
    folded = {unicodedata.normalize("NFC", name.upper().casefold()) for name in found}
    assert len(folded) == len(found) == len(wires)


@settings(max_examples=300)
@given(st.lists(st.tuples(WIRES, st.text(max_size=4)), max_size=6))
def test_any_titles_become_distinct_class_names_that_no_field_can_have(
    wanted: list[tuple[str, str]],
) -> None:
    found = names.class_names(wanted)
    assert len({*found, *(f"{name}Param" for name in found)}) == 2 * len(wanted)
    for name in found:
        assert name.isidentifier() and not keyword.iskeyword(name)
        assert unicodedata.normalize("NFKC", name) == name
        assert name[0].isupper() and name not in names.CLASS_NAMES


@settings(max_examples=200)
@given(WIRES, WIRES)
def test_any_server_key_gives_plain_names_for_folder_package_and_classes(
    server: str, chosen: str
) -> None:
    for part in (names.slug(server), names.package(server, chosen)):
        assert part.isascii() and part == part.lower()
        check_path(part)
    assert names.slug(server) != "dist"
    assert names.package(server, chosen).isidentifier()
    assert names.client_class(server).isidentifier() and names.instance(server).isidentifier()


@pytest.mark.parametrize(
    "package", ["pydantic", "json", "mcp_sdkgen_runtime", "mcp", "anyio", "os"]
)
def test_an_sdk_never_takes_the_name_of_what_it_stands_on(package: str) -> None:
    made = generate(Snapshot.of("weather", [tool()], package=package))
    assert made.package == "weather_sdk"


@pytest.mark.parametrize(
    "pin",
    (
        *("__init__", "__class__", "_call", "_line", "SERVER", "PACKAGE", "with_options", "import"),
        *("../up", "a/b", "a.b", "Upper", "con", "x" * 5000, "", " ", "a\u1160", "self.x"),
    ),
)
def test_a_pinned_name_is_kept_only_when_it_is_a_plain_one(pin: str) -> None:
    made = generate(Snapshot.of("weather", [tool("look")], names={"look": pin}))
    assert made.methods == (("look", "look"),)


def test_a_plain_pinned_name_is_kept() -> None:
    pins: Mapping[str, str] = {"look": "see_x1a2b_2", "list": "list_", "stay": "stay_"}
    made = generate(Snapshot.of("weather", [tool(name) for name in pins], names=pins))
    assert dict(made.methods) == pins


@pytest.mark.parametrize("key", SERVER_KEYS)
def test_any_server_key_gives_an_sdk_of_declarations(key: str) -> None:
    made = generate(Snapshot.of(key, [tool(output={"type": "object", "properties": {"a": {}}})]))
    check_files(made.files, names.client_class(key))


def test_names_that_would_hide_types_builtins_and_each_other_type_check(
    built: Callable[[Snapshot], ServerReport],
) -> None:
    awkward = ["str", "int", "list", "dict", "frozenset", "Any", "Literal", "Sequence", "Mapping"]
    awkward += ["NotRequired", "TypedDict", "Annotated", "ClassVar", "Field", "Model", "None"]
    awkward += ["property", "self", "cls", "object", "type", "super", "__class__", "__init__"]
    awkward += ["__dict__", "__slots__", "__annotations__", "model_config", "model_fields", "json"]
    awkward += ["NULLABLE", "TOOL", "_tools", "_call", "OMIT", "register", "mro", "__debug__"]
    texts = {"type": "array", "items": {"type": "string"}}
    fields = {"type": "object", "properties": dict.fromkeys(awkward, texts), "required": awkward}
    awesome = {
        "Awkward": fields,
        "Weather": fields,
        "Prompts": fields,
        "天": fields,
        "Text": fields,
    }
    schema = {
        "type": "object",
        "properties": {key: {"$ref": f"#/$defs/{key}"} for key in awesome} | {"x": fields},
        "$defs": {**awesome, "天": {**fields, "properties": {"天": {"$ref": "#/$defs/天"}}}},
    }
    wires = [*awkward, "con", "nul", "天", "prompts", "resources", "client", "aio", "tools"]
    tools = [tool(wire, schema if wire == "str" else None, schema) for wire in wires]
    prompts = tuple({"name": wire, "arguments": [{"name": "self"}]} for wire in wires)
    report = built(Snapshot.of("weather", tools, prompts=prompts))
    assert not [found for found in report.diagnostics if found.code == "check-failed"]
    assert all(one.typed_result for one in report.tools)
