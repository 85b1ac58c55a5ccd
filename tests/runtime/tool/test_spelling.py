"""Keys of objects inside arguments, in Python's spelling and in the server's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import anyio
import pytest
from mcp.server import MCPServer
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.snapshot import EDITION
from mcp_sdkgen_runtime import ArgumentsError
from mcp_sdkgen_runtime.tool.spelling import Spelling
from pydantic import BaseModel, ConfigDict, Field

from tests.checking import type_errors, write


class Tag(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tag_name: str = Field(alias="tagName")
    from_: str | None = Field(default=None, alias="from")


class Entity(BaseModel):
    model_config = ConfigDict(extra="forbid")
    entity_type: str = Field(alias="entityType")
    observations: list[str] = []
    tag_map: dict[str, Tag] = Field(default={}, alias="tagMap")
    parts: list[Entity] = []
    size: float | None = None


class Circle(BaseModel):
    kind_of: Literal["circle"] = Field(alias="kindOf")
    outer_radius: float = Field(alias="outerRadius")


class Box(BaseModel):
    kind_of: Literal["box"] = Field(alias="kindOf")
    side_length: float = Field(alias="sideLength")


SEEN: list[dict[str, Any]] = []
server = MCPServer("graph", log_level="WARNING")


@server.tool()
def create(entities: list[Entity], free: dict[str, dict[str, Any]] | None = None) -> str:
    """Create entities."""
    SEEN.append({"entities": entities, "free": free})
    return json.dumps([entity.model_dump(by_alias=True, exclude_unset=True) for entity in entities])


@server.tool()
def draw(shape: Circle | Box) -> str:
    """Draw a shape."""
    return json.dumps(shape.model_dump(by_alias=True))


def definitions() -> list[dict[str, Any]]:
    tools = anyio.run(server.list_tools)
    return [tool.model_dump(by_alias=True, exclude_none=True) for tool in tools]


@pytest.fixture(scope="module")
def made() -> Any:
    return generate(Snapshot.of("graph", definitions()))


@pytest.fixture(scope="module")
def sdk(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = write(made, tmp_path_factory.mktemp("sdk"))
    sys.path.insert(0, str(folder))
    import graph_sdk  # type: ignore[import-not-found]

    yield graph_sdk
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "graph_sdk"]:
        del sys.modules[name]


def sent(sdk: ModuleType, *entities: Any) -> Any:
    with sdk.Graph(server) as graph:
        return json.loads(graph.create(entities=list(entities)))


def test_either_spelling_is_sent_as_the_servers_at_any_depth(sdk: ModuleType) -> None:
    python = {
        "entity_type": "a",
        "tag_map": {"My_Key": {"tag_name": "b", "from_": "c"}},
        "parts": [{"entity_type": "d", "parts": [{"entity_type": "e"}]}],
    }
    wire = {
        "entityType": "a",
        "tagMap": {"My_Key": {"tagName": "b", "from": "c"}},
        "parts": [{"entityType": "d", "parts": [{"entityType": "e"}]}],
    }
    assert sent(sdk, python) == sent(sdk, wire) == [wire]
    mixed = {"entityType": "a", "tag_map": {"My_Key": {"tagName": "b", "from_": "c"}}}
    assert sent(sdk, mixed) == [{key: wire[key] for key in ("entityType", "tagMap")}]


def test_the_servers_spelling_is_written_as_python_names_it() -> None:
    create, draw = (Spelling(each["inputSchema"]) for each in definitions())
    wire = {
        "entities": [{"entityType": "a", "tagMap": {"My_Key": {"tagName": "b", "from": "c"}}}],
        "free": {"entityType": {"entityType": 1}},
    }
    assert create.python(wire, EDITION) == {
        "entities": [{"entity_type": "a", "tag_map": {"My_Key": {"tag_name": "b", "from_": "c"}}}],
        "free": {"entityType": {"entityType": 1}},
    }
    assert create.wire(create.python(wire, EDITION)) == wire
    box = {"shape": {"kindOf": "box", "sideLength": 2}}
    assert draw.python(box, EDITION) == {"shape": {"kind_of": "box", "side_length": 2}}


def test_keys_of_free_maps_are_left_alone(sdk: ModuleType) -> None:
    free = {"entity_type": {"entity_type": 1, "entityType": 2}}
    with sdk.Graph(server) as graph:
        graph.create(entities=[], free=free)
    assert SEEN[-1]["free"] == free


def test_each_alternative_of_a_union_has_names_of_its_own(sdk: ModuleType) -> None:
    with sdk.Graph(server) as graph:
        box = graph.draw(shape={"kind_of": "box", "side_length": 2})
        circle = graph.draw(shape={"kindOf": "circle", "outer_radius": 1.5})
    assert json.loads(box) == {"kindOf": "box", "sideLength": 2.0}
    assert json.loads(circle) == {"kindOf": "circle", "outerRadius": 1.5}


def test_one_key_in_two_spellings_is_an_error(sdk: ModuleType) -> None:
    twice = {"entity_type": "a", "parts": [{"entityType": "b", "entity_type": "b"}]}
    with pytest.raises(ArgumentsError, match="two spellings of one key") as refused:
        sent(sdk, twice)
    assert "'entities[0].parts[0]': has both 'entityType' and 'entity_type'" in str(refused.value)
    assert refused.value.path == (0, "parts", 0)


@pytest.mark.parametrize(
    ("entity", "message"),
    [
        (
            {"entitytype": "a"},
            "unknown key 'entitytype' in entities[0]; did you mean 'entity_type'?",
        ),
        (
            {"entity_type": "a", "parts": [{"entityType": "b", "Parts": []}]},
            "unknown key 'Parts' in entities[0].parts[0]; did you mean 'parts'?",
        ),
        (
            {"entity_type": "a", "tag_map": {"k": {"tag_nam": "b", "tag_name": "c"}}},
            "unknown key 'tag_nam' in entities[0].tagMap.k; did you mean 'tag_name'?",
        ),
        (
            {"entity_type": "a", "xyz": 1},
            "unknown key 'xyz' in entities[0]; it takes 'entity_type', 'observations', 'parts', "
            "'size', 'tag_map'",
        ),
    ],
)
def test_an_unknown_key_is_named_with_the_right_one(
    sdk: ModuleType, entity: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as refused:
        sent(sdk, entity)
    assert message in str(refused.value)


def test_a_misspelt_key_of_an_open_object_explains_the_missing_one(sdk: ModuleType) -> None:
    with sdk.Graph(server) as graph, pytest.raises(ArgumentsError) as refused:
        graph.draw(shape={"kind_of": "box", "side_lenght": 2})
    assert "unknown key 'side_lenght' in shape; did you mean 'side_length'?" in str(refused.value)


def test_checkers_know_the_python_spelling(made: Any, tmp_path: Path) -> None:
    program = tmp_path / "programs" / "program.py"
    program.parent.mkdir()
    program.write_text(
        "from graph_sdk import AsyncGraph, graph\n"
        'graph.create(entities=[{"entity_type": "a", "parts": [{"entity_type": "b"}]}])\n'
        'graph.create(entities=[{"entity_tipe": "a"}])\n'
        "async def main() -> None:\n"
        '    await AsyncGraph().create(entities=[{"entity_type": "a"}])\n'
    )
    found = type_errors([made], [program], tmp_path / "checked")
    assert set(found) == {"programs/program.py:3"}


def test_a_whole_float_is_sent_as_the_integer_that_it_is(sdk: ModuleType) -> None:
    (entity,) = sent(sdk, {"entity_type": "a", "size": 5.0})
    assert json.dumps(entity["size"]) == "5.0"  # the server's own model makes it a float again
    from mcp_sdkgen_runtime.tool.codec import wire_value

    numbers = [5.0, -2.0, 2.5, 1e300, [7.0], {"n": 8.0}]
    assert json.dumps(wire_value(numbers)) == '[5, -2, 2.5, 1e+300, [7], {"n": 8}]'
