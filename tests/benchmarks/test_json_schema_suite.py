"""How the public test suite's further documents reach a schema: bundled, since none is fetched."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.json_schema_suite import DRAFTS, judged

REMOTES = {
    "number.json": {"allOf": [{"$ref": "#/whole"}], "whole": {"type": "integer"}},
    "nested/list.json": {"items": {"$ref": "../number.json"}},
}
REFERENCES: list[dict[str, Any]] = [
    {"$ref": "http://localhost:1234/number.json"},
    {"$id": "http://localhost:1234/nested/", "items": {"$ref": "list.json#/items"}},
]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    for name, document in REMOTES.items():
        (tmp_path / "remotes" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "remotes" / name).write_text(json.dumps(document))
    groups = [
        {
            "description": f"group {number}",
            "schema": schema,
            "tests": [{"data": wrong, "valid": False}, {"data": right, "valid": True}],
        }
        for number, (schema, wrong, right) in enumerate(
            zip(REFERENCES, ("a", ["a"]), (1, [1]), strict=True)
        )
    ]
    (tmp_path / "refs.json").write_text(json.dumps(groups))
    return tmp_path


@pytest.mark.parametrize("dialect", DRAFTS.values(), ids=list(DRAFTS))
def test_documents_that_a_schema_refers_to_are_bundled_into_it(suite: Path, dialect: str) -> None:
    assert judged([suite / "refs.json"], dialect, "ignored", suite / "remotes") == (4, Counter())


@pytest.mark.parametrize("dialect", DRAFTS.values(), ids=list(DRAFTS))
def test_without_them_a_reference_says_nothing(suite: Path, dialect: str) -> None:
    wrong = {"refs.json: group 0": 1, "refs.json: group 1": 1}
    assert judged([suite / "refs.json"], dialect, "ignored") == (2, wrong)
