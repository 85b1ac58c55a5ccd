"""Calls with sampled arguments written out, as code would write them: they have to type-check.

Objects are written as dicts, arrays as lists, and those whose items have types by position as
tuples, which is what such a parameter is typed as.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from mcp_sdkgen_runtime.naming import field_names

from benchmarks.packages import Method, Package
from tests.places import Way, has_expected_objects, places, without_undeclared_keys
from tests.sampling import sample

SAMPLES = 6
_NAME = re.compile("[a-z][a-z0-9_]*")


def literal_calls(package: Package) -> str:
    """A function for the end of the package's program (see `programs.program`) that calls each
    method with valid arguments as dicts, lists and constants."""
    lines = [
        f"    _client.{method.name}({', '.join(given)})"
        for method in package.methods
        for given in _arguments(method, package.definition(method).get("inputSchema"))
    ]
    return "\n".join(["", "def _literal(_client: _Blocking) -> None:", *lines, "    return", ""])


def _arguments(method: Method, schema: Any) -> Iterator[list[str]]:
    validator = jsonschema_rs.validator_for(schema)
    for sampled in sample(schema, count=SAMPLES, extra_keys=False).values:
        value = without_undeclared_keys(schema, sampled)
        if not (isinstance(value, dict) and value.keys() <= method.parameter_of.keys()):
            continue
        is_written = validator.is_valid(value) and has_expected_objects(schema, value)
        if is_written and _is_spelled_as_in_python(schema, value):
            tuples = _tuples(schema, value)
            yield [
                f"{method.parameter_of[key]}={_written(item, (key,), tuples)!r}"
                for key, item in value.items()
            ]


def _tuples(schema: Any, value: Any) -> set[Way]:
    """Where arrays are whose items have types by their position."""
    # Before 2019-09 the form is an array of `items`, and `prefixItems` is no keyword.
    keyword = "items" if "draft-07" in str(schema.get("$schema")) else "prefixItems"
    return {
        place.path
        for place in places(schema, value, only_fitting=True)
        if isinstance(place.value, list) and isinstance(place.schema.get(keyword), list)
    }


def _written(value: Any, path: Way, tuples: set[Way]) -> Any:
    if isinstance(value, dict):
        return {key: _written(item, (*path, key), tuples) for key, item in value.items()}
    if isinstance(value, list):
        items = [_written(item, (*path, at), tuples) for at, item in enumerate(value)]
        return tuple(items) if path in tuples else items
    return value


def _is_spelled_as_in_python(schema: Any, value: Any) -> bool:
    """Whether all keys inside are those of the `TypedDict` types.

    They are where the server's names are Python's too, and where an object has none beside those
    that are named, for which no `TypedDict` has a place.
    """
    for place in places(schema, value):
        if not (place.path and isinstance(place.value, dict)):
            continue
        named = place.schema.get("properties")
        if named and not place.value.keys() <= named.keys():
            return False
        keys = [*named] if named else []
        if not all(map(_NAME.fullmatch, keys)) or field_names(keys) != keys:
            return False
    return True
