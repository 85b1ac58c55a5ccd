"""Comparing two schemas costs as much work as they are long."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_sdkgen_runtime.schema.compat import Severity, containment, tool_changes, view


def named(schema: Any) -> dict[str, Any]:
    return {"name": "t", "inputSchema": {"type": "object", "properties": {"x": schema}}}


def listed(count: int) -> dict[str, Any]:
    return {"enum": [f"v{n}" for n in range(count)]}


def halves(count: int) -> dict[str, Any]:
    """Two enums, which together allow all that `listed` does, and cannot be read as one."""
    even = [f"v{n}" for n in range(0, count, 2)] + [f"q{n}" for n in range(count // 2)]
    odd = [f"v{n}" for n in range(1, count, 2)]
    return {"anyOf": [{"enum": even, "minLength": 1}, {"enum": odd, "maxLength": 100}]}


def objects(count: int) -> dict[str, Any]:
    return {"anyOf": [{"enum": [[n] for n in range(each, count, 2)], "minItems": 1 + each}
                      for each in (0, 1)]}  # fmt: skip


@pytest.mark.parametrize("later", [halves, objects])
def test_an_enum_against_several_is_compared_in_one_pass(
    later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = view.key
    spelled: list[Any] = []

    def counting(value: Any) -> str:
        spelled.append(value)
        return original(value)

    monkeypatch.setattr(view, "key", counting)

    def work(count: int) -> int:
        spelled.clear()
        changes = tool_changes(named(listed(count)), named(later(count)), 4)
        assert changes
        return len(spelled)

    assert work(1_600) <= 9 * work(200)


def test_an_enum_that_is_split_over_alternatives_still_fits() -> None:
    for count in (2, 500):
        changes = tool_changes(named(listed(count)), named(halves(count)), 4)
        assert all(change.severity is not Severity.BREAKING for change in changes)
    missing = halves(500)
    missing["anyOf"][1]["enum"].remove("v499")
    changes = tool_changes(named(listed(500)), named(missing), 4)
    assert any(change.severity is Severity.BREAKING for change in changes)


def test_more_values_than_there_are_steps_for_are_called_breaking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = named(listed(2_000)), named(halves(2_000))
    assert all(change.severity is not Severity.BREAKING for change in tool_changes(old, new, 4))
    monkeypatch.setattr(containment, "MAX_STEPS", 200)
    assert any(change.severity is Severity.BREAKING for change in tool_changes(old, new, 4))


@pytest.mark.parametrize("kind", ["anyOf", "oneOf"])
def test_members_of_two_unions_are_likened_by_marks_that_are_made_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    likened: list[Any] = []
    original = view.key

    def counting(value: Any) -> str:
        likened.append(value)
        return original(value)

    monkeypatch.setattr("mcp_sdkgen_runtime.schema.compat.unions.key", counting)

    def work(count: int) -> int:
        likened.clear()
        one = {kind: [{"enum": [f"v{n}", f"w{n}"], "maxLength": n + 3} for n in range(count)]}
        two = {kind: [{"enum": [f"v{n}", f"x{n}"], "maxLength": n + 4} for n in range(count)]}
        assert tool_changes(named(one), named(two), 4)
        return len(likened)

    assert work(48) <= 8 * work(12)
