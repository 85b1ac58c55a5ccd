"""Which class a result has by its `discriminator` is part of what callers rely on."""

from __future__ import annotations

from typing import Any

from mcp_sdkgen_runtime.schema.compat.change import Severity
from mcp_sdkgen_runtime.schema.compat.containment import Side
from mcp_sdkgen_runtime.schema.compat.relation import Finding, relation, whole

PET = {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}


def _pets(nested: bool = False, **mapping: str) -> Any:
    pet = {
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
    named = {"Cat": {**PET, "title": "Cat"}, "Dog": {**PET, "title": "Dog"}}
    inner = {"type": "array", "items": pet} if nested else pet
    return {"type": "object", "properties": {"pet": inner}, "$defs": named}


def _found(old: Any, new: Any, side: Side = Side.OUTPUT) -> tuple[Finding, ...]:
    return relation(whole(old, "/outputSchema"), whole(new, "/outputSchema"), side)


def test_a_value_that_means_another_class_breaks_readers() -> None:
    for nested in (False, True):
        old = _pets(nested, a="#/$defs/Cat", b="#/$defs/Dog")
        new = _pets(nested, a="#/$defs/Dog", b="#/$defs/Cat")
        (found,) = _found(old, new)
        assert (found.kind, found.severity) == ("discriminator-changed", Severity.BREAKING)
        assert "another class" in found.message


def test_another_spelling_of_the_same_class_changes_nothing() -> None:
    assert _found(_pets(a="#/$defs/Cat"), _pets(a="Cat")) == ()


def test_a_further_value_and_arguments_are_no_concern() -> None:
    old, new = _pets(a="#/$defs/Cat"), _pets(a="#/$defs/Dog")
    assert _found(old, new, Side.INPUT) == ()
    assert _found(old, _pets(a="#/$defs/Cat", b="#/$defs/Dog")) == ()
