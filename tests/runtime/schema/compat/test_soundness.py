"""Whatever is not called breaking does not break: checked against a real validator."""

from __future__ import annotations

from random import Random
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from mcp_sdkgen_runtime.schema.compat import Drift, Severity

from tests.runtime.schema.compat.schemas import opened, sample, schemas
from tests.runtime.schema.compat.tables import input_drift, output_drift
from tests.schema_changes import changed

SAMPLES = 40
WORDS = (
    "type", "enum", "const", "properties", "required", "items", "prefixItems", "anyOf", "oneOf",
    "allOf", "not", "if", "$ref", "$defs", "$id", "$dynamicRef", "$schema", "minimum", "maxLength",
    "exclusiveMinimum", "pattern", "format", "additionalProperties", "patternProperties", "title",
    "multipleOf", "nullable", "uniqueItems", "default", "description", "dependencies", "a",
)  # fmt: skip

quick = settings(
    max_examples=400,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _wrapped(schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"x": schema}}


def _breaks(drift: Drift) -> bool:
    return drift.severity is Severity.BREAKING


def _pairs(schema: Any, other: Any, seed: int) -> tuple[Any, Any]:
    random = Random(seed)
    if random.random() < 0.2:
        return schema, other
    new = changed(schema, random)
    return (schema, new) if random.random() < 0.5 else (new, schema)


@given(schemas, schemas, st.integers(0, 10**9))
@quick
def test_every_value_that_was_accepted_is_accepted_unless_the_input_change_is_breaking(
    schema: Any, other: Any, seed: int
) -> None:
    old, new = _pairs(schema, other, seed)
    if _breaks(input_drift(_wrapped(old), _wrapped(new))):
        return
    before, after = jsonschema_rs.validator_for(old), jsonschema_rs.validator_for(new)
    random = Random(seed)
    for _ in range(SAMPLES):
        value = sample(old, random, free_keys=False)
        if before.is_valid(value):
            note(f"{old} -> {new}: {value}")
            assert after.is_valid(value)


@given(schemas, schemas, st.integers(0, 10**9))
@quick
def test_every_value_that_can_come_was_promised_unless_the_output_change_is_breaking(
    schema: Any, other: Any, seed: int
) -> None:
    old, new = _pairs(schema, other, seed)
    drift = output_drift(_wrapped(old), _wrapped(new))
    if _breaks(drift) or any(c.kind == "enum-value-added" for c in drift.changes):
        return
    before, after = jsonschema_rs.validator_for(opened(old)), jsonschema_rs.validator_for(new)
    random = Random(seed)
    for _ in range(SAMPLES):
        value = sample(new, random, free_keys=True)
        if after.is_valid(value):
            note(f"{old} -> {new}: {value}")
            assert before.is_valid(value)


@given(schemas)
@quick
def test_a_schema_that_stays_the_same_has_no_drift(schema: Any) -> None:
    assert not input_drift(_wrapped(schema), _wrapped(schema))
    assert not output_drift(_wrapped(schema), _wrapped(schema))


_junk: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 0, -1, 1.5, 10**400, "", "#", "#/properties/a", "string", "(("]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(_junk, _junk)
@quick
def test_no_schema_however_broken_stops_the_comparison(old: Any, new: Any) -> None:
    for drift in (input_drift(old, new), output_drift(old, new)):
        drift.to_json()
        drift.changelog()
