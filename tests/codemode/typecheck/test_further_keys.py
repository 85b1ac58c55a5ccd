"""An object whose schema allows keys that it does not name takes them in a program too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from mcp_sdkgen.emit.generate import generate
from mcp_sdkgen.package.write import put
from mcp_sdkgen.snapshot import Snapshot
from mcp_sdkgen_codemode.catalog import at
from mcp_sdkgen_codemode.typecheck import Checker

TEXT = {"type": "string"}
ROW = {
    "type": "object",
    "properties": {"name": TEXT, "inner": {"$ref": "#/$defs/Inner"}},
    "required": ["name"],
    "additionalProperties": {"type": ["integer", "boolean"]},
}
INNER = {"type": "object", "properties": {"deep": TEXT}, "additionalProperties": True}
PATTERNED = {
    "type": "object",
    "properties": {"name": TEXT},
    "patternProperties": {"^x-": {"type": "integer"}},
    "additionalProperties": False,
}
NODE = {
    "type": "object",
    "properties": {"id": TEXT, "next": {"$ref": "#/$defs/Node"}},
    "additionalProperties": {"type": "number"},
}
CLOSED = {"type": "object", "properties": {"label": TEXT}}
TREE: dict[str, Any] = {
    "name": "put",
    "inputSchema": {
        "type": "object",
        "$defs": {"Inner": INNER, "Node": NODE},
        "properties": {
            "row": ROW,
            "rows": {"type": "array", "items": ROW},
            "patterned": PATTERNED,
            "node": {"$ref": "#/$defs/Node"},
            "closed": CLOSED,
        },
    },
}
GET: dict[str, Any] = {
    "name": "get",
    "inputSchema": {"type": "object"},
    "outputSchema": {
        "type": "object",
        "properties": {"id": TEXT},
        "additionalProperties": {"type": "integer"},
    },
}

RIGHT = (
    "rows.put(row={'name': 'a', 'score': 1, 'is_new': True})",
    "rows.put(row={'name': 'a', 'inner': {'deep': 'b', 'other': ['c']}})",
    "rows.put(rows=[{'name': 'a', 'score': 1}, {'name': 'b', 'rank': 2}])",
    "rows.put(rows=[{'name': n, 'score': i} for i, n in enumerate('ab')])",
    "found = [{'name': f'n{i}', 'score': i} for i in range(3)]\nrows.put(rows=found)",
    "rows.put(row={'name': 'a', 'score': 1} if rows.get().id else {'name': 'b', 'rank': 2})",
    "more = {'score': 1}\nrows.put(row={'name': 'a', **more})",
    "row = {'name': 'a', 'score': 1}\nrows.put(row=row)",
    "rows.put(patterned={'name': 'a', 'x-count': 1})",
    "rows.put(node={'id': 'a', 'weight': 1.5, 'next': {'id': 'b', 'height': 2}})",
    "from rows_sdk.types import PutRow\nrows.put(row=PutRow(name='a', score=1))",
    "async with AsyncRows() as client:\n    await client.put(row={'name': 'a', 'score': 1})",
    "print((rows.get().model_extra or {})['n'] + 1)",
)
WRONG = {
    "rows.put(row={'name': 'a', 'score': 'high'})": "and any further keys: int | bool",
    "rows.put(row={'name': 1, 'score': 1})": '"name": str',
    "rows.put(row={'score': 1})": "missing key name",
    "rows.put(rows=[{'name': 'a', 'score': 'high'}])": "and any further keys: int | bool",
    "rows.put(node={'id': 'a', 'next': {'id': 1, 'height': 2}})": '"id"',
    "rows.put(closed={'label': 'a', 'score': 1})": "unknown key 'score'",
    "from rows_sdk.types import PutRow\nPutRow(name='a', score='high')": "",
    "print(rows.get().n)": "further keys: .model_extra",
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    """A checker of an SDK with such objects."""
    folder = tmp_path_factory.mktemp("rows")
    for path, text in generate(Snapshot.of("rows", [TREE, GET])).files.items():
        put(folder, path, text)
    with Checker(sdks=[at(folder)]) as checker:
        yield checker


def _program(text: str) -> str:
    return f"from rows_sdk import AsyncRows, rows\n{text}"


@pytest.mark.parametrize("text", RIGHT)
def test_keys_that_the_schema_allows_without_naming_them_are_right(
    rows: Checker, text: str
) -> None:
    assert rows.check(_program(text)) == []


@pytest.mark.parametrize("text", WRONG)
def test_other_keys_and_what_further_ones_may_not_hold_are_wrong(rows: Checker, text: str) -> None:
    found = rows.check(_program(text))

    assert len(found) == 1
    assert WRONG[text] in found[0].hint


def test_the_surface_says_which_objects_take_further_keys() -> None:
    surface = rows_surface()

    assert 'class PutRowParam(TypedDict):\n    """Also any further keys: int | bool."""' in surface
    assert "class PutClosedParam(TypedDict):\n    label" in surface
    assert '"""Also any further keys in .model_extra: int."""' in surface


def rows_surface() -> str:
    files = generate(Snapshot.of("rows", [TREE, GET])).files
    return next(text for path, text in files.items() if path.endswith("surface.pyi"))
