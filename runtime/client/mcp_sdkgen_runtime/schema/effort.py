"""How much work it is to judge a value by a schema, so that hostile ones are not begun.

Alternatives that hold alternatives double the work at each level: some hundred bytes keep a
validator busy for hours. Work is counted in steps, never in seconds, so the same value has the
same answer on each machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .references import Node, References

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")
_SAME_VALUE = ("not", "if", "then", "else")
_SAME_VALUE_MAPS = ("dependentSchemas", "dependencies")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_EACH_MEMBER = ("additionalProperties", "unevaluatedProperties")
_EACH_ITEM = ("items", "additionalItems", "unevaluatedItems", "contains")
_SHOWN = ("const", "enum", "pattern", "required", "not", "contains")
"""Keywords whose whole demand an error holds."""
_PATTERN_STEPS = 20
_BACKTRACKING_STEPS = 2_000
_CHARACTERS_A_STEP = 100
_BACKTRACKS = re.compile(r"\(\?(?:<?[=!]|[>(~]|P[=>])|\\[1-9kgKG]|(?<!\\)[*+?}]\+")
_TRACED_PLACES = 300_000
"""A value with more is not judged where patterns backtrack."""


class TooMuchWork(ValueError):
    """Judging a value by a schema would take more steps than are allowed."""

    def __init__(self, why: str = "") -> None:
        super().__init__(
            why or "its alternatives are nested too deeply, or it is too large, to be judged"
        )


class Effort:
    """Counts the steps of a validator that tries every alternative at every level.

    A step is one subschema at one value. The count is an upper bound; making it takes time in
    proportion to the schema times the value.
    """

    def __init__(self, schema: Any) -> None:
        self._references = References(schema)
        self._sizes: dict[int, int] = {}

    def within(self, value: Any, steps: int) -> bool:
        """Whether an exhaustive validator judges `value` in at most `steps`, and then holds no more
        copies of it and of the schema, one in each error, than fit into them."""
        self._sizes = {}
        try:
            node = self._references.node("")
            return self._steps(node, value, {}, steps, self._steps_at) <= steps
        except (TooMuchWork, RecursionError):
            return False

    def traced(self, value: Any) -> tuple[int, set[tuple[str, str]]]:
        """What patterns that backtrack are to judge in `value`: each with each text, and how many
        characters these have, counted each time that they are judged. Raises `TooMuchWork`."""
        found: set[tuple[str, str]] = set()

        def characters(schema: Any, here: Any) -> int:
            pairs = list(_traced_at(schema, here))
            found.update(pairs)
            return sum(len(text) for _, text in pairs)

        try:
            node = self._references.node("")
            return self._steps(node, value, {}, _TRACED_PLACES, characters), found
        except RecursionError:
            raise TooMuchWork from None

    def static(self, own: Callable[[Any], int] | None = None) -> int:
        """How many subschemas the schema has when its references are written out; with `own`, the
        sum of what that says of each.

        A reference to a schema around it counts as one. A validator that remembers its answers
        for those takes at most this many steps for each part of a value.
        """
        try:
            return self._written_out(self._references.node(""), {}, own or _own_steps)
        except RecursionError:
            raise TooMuchWork from None

    def _steps(
        self,
        node: Node,
        value: Any,
        counted: dict[tuple[str, int], int],
        limit: int,
        own: Callable[[Any, Any], int],
    ) -> int:
        key = (node.pointer, id(value))
        known = counted.get(key)
        if known is not None:
            return known
        if len(counted) > limit:
            raise TooMuchWork
        # A reference that leads back to here with the same value asks nothing new.
        counted[key] = 1
        steps = own(node.schema, value)
        if isinstance(node.schema, Mapping):
            for child in self._beside(node):
                steps += self._steps(child, value, counted, limit, own)
            for child, part in _inside(node, value):
                steps += self._steps(child, part, counted, limit, own)
        counted[key] = steps
        return steps

    def _steps_at(self, schema: Any, value: Any) -> int:
        """The steps of one subschema at one value, errors and their copies included."""
        steps = 1 + self._size(value) // _CHARACTERS_A_STEP
        if isinstance(schema, Mapping):
            shown = sum(self._size(schema[name]) for name in _SHOWN if name in schema)
            steps += shown // _CHARACTERS_A_STEP
        return steps

    def _written_out(self, node: Node, counted: dict[str, int], own: Callable[[Any], int]) -> int:
        if node.pointer in counted:
            return counted[node.pointer]
        steps = own(node.schema)
        # A reference from within.
        counted[node.pointer] = min(steps, 1)
        children = [*self._beside(node), *_below(node)]
        below = sum(self._written_out(one, counted, own) for one in children)
        counted[node.pointer] = steps + below
        return counted[node.pointer]

    def _size(self, value: Any) -> int:
        """About how many characters a value has."""
        if not isinstance(value, (str, Mapping, list, tuple)):
            return 1
        if isinstance(value, str):
            return len(value)
        size = self._sizes.get(id(value))
        if size is None:
            keys = sum(map(len, value)) if isinstance(value, Mapping) else 0
            held = value.values() if isinstance(value, Mapping) else value
            size = self._sizes[id(value)] = 1 + keys + sum(map(self._size, held))
        return size

    def _beside(self, node: Node) -> Iterator[Node]:
        """The subschemas that judge the same value as `node` does."""
        schema = node.schema
        if not isinstance(schema, Mapping):
            return
        for name in _REFERENCES:
            if isinstance(schema.get(name), str):
                found = self._references.resolve(schema[name], node.pointer)
                if found is not None:
                    yield found
        for name in _ALTERNATIVES:
            if isinstance(schema.get(name), list):
                yield from (Node(s, node.child(name, i)) for i, s in enumerate(schema[name]))
        for name in _SAME_VALUE:
            if name in schema:
                yield Node(schema[name], node.child(name))
        for name in _SAME_VALUE_MAPS:
            if isinstance(schema.get(name), Mapping):
                yield from (Node(s, node.child(name, key)) for key, s in schema[name].items())


def _own_steps(schema: Any) -> int:
    """The steps that a subschema takes for one value, those below it left out."""
    if not isinstance(schema, Mapping):
        return 1
    steps = 1
    if isinstance(schema.get("enum"), list):
        steps += parts(schema["enum"])
    traced = sum(map(backtracks, _patterns(schema)))
    return steps + traced * _BACKTRACKING_STEPS + (len(_patterns(schema)) - traced) * _PATTERN_STEPS


def _patterns(schema: Mapping[str, Any]) -> list[str]:
    several = schema.get("patternProperties")
    found = [schema.get("pattern"), *(several if isinstance(several, Mapping) else ())]
    return [pattern for pattern in found if isinstance(pattern, str)]


def _traced_at(schema: Any, value: Any) -> Iterator[tuple[str, str]]:
    """The patterns of one subschema that backtrack, each with each text that it judges."""
    if not isinstance(schema, Mapping):
        return
    pattern, several = schema.get("pattern"), schema.get("patternProperties")
    if isinstance(value, str):
        if isinstance(pattern, str) and backtracks(pattern):
            yield pattern, value
    elif isinstance(value, Mapping) and isinstance(several, Mapping):
        yield from ((one, key) for one in several if backtracks(one) for key in value)


def traced_patterns(schema: Any) -> int:
    """How many patterns of one subschema backtrack, those below it left out."""
    return sum(map(backtracks, _patterns(schema))) if isinstance(schema, Mapping) else 0


def _below(node: Node) -> Iterator[Node]:
    """The subschemas that judge parts of the value."""
    schema = node.schema
    if not isinstance(schema, Mapping):
        return
    for name in ("properties", "patternProperties"):
        if isinstance(schema.get(name), Mapping):
            yield from (Node(s, node.child(name, key)) for key, s in schema[name].items())
    for name in (*_EACH_MEMBER, *_EACH_ITEM, "prefixItems", "propertyNames"):
        if isinstance(schema.get(name), list):
            yield from (Node(s, node.child(name, i)) for i, s in enumerate(schema[name]))
        elif name in schema:
            yield Node(schema[name], node.child(name))


def _inside(node: Node, value: Any) -> Iterator[tuple[Node, Any]]:
    schema = node.schema
    if isinstance(value, Mapping):
        properties = schema.get("properties")
        for key, part in value.items():
            if isinstance(properties, Mapping) and key in properties:
                yield Node(properties[key], node.child("properties", key)), part
        if "propertyNames" in schema:
            names = Node(schema["propertyNames"], node.child("propertyNames"))
            yield from ((names, key) for key in value)
        held, several = list(value.values()), "patternProperties"
        each: tuple[str, ...] = _EACH_MEMBER
    elif isinstance(value, (list, tuple)):
        held, each, several = list(value), _EACH_ITEM, "prefixItems"
    else:
        return
    everywhere = [Node(schema[name], node.child(name)) for name in each if name in schema]
    more = schema.get(several)
    if isinstance(more, Mapping):
        everywhere += [Node(s, node.child(several, key)) for key, s in more.items()]
    elif isinstance(more, list):
        everywhere += [Node(s, node.child(several, i)) for i, s in enumerate(more)]
    for child in everywhere:
        # A list of schemas (`items` of before 2020-12) is bounded by each of them for each item.
        if isinstance(child.schema, list):
            several_here = [Node(s, child.child(i)) for i, s in enumerate(child.schema)]
        else:
            several_here = [child]
        yield from ((one, part) for one in several_here for part in held)


def backtracks(pattern: str) -> bool:
    """Whether a pattern has what no engine matches in linear time: it may give up on a text."""
    return _BACKTRACKS.search(pattern) is not None


def parts(value: Any) -> int:
    """How many values `value` holds, itself included."""
    count, todo = 0, [value]
    while todo:
        here = todo.pop()
        count += 1
        if isinstance(here, Mapping):
            todo += here.values()
        elif isinstance(here, (list, tuple)):
            todo += here
    return count


class Budget:
    """Steps that a validator of `jsonschema` may still take. `spend` raises `TooMuchWork`."""

    def __init__(self) -> None:
        self.left = 0

    def spend(self, steps: int) -> None:
        """Takes `steps` away."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork


def counting(kind: Any, budget: Budget) -> Any:
    """The validator class `kind` of `jsonschema`, each keyword of which spends of `budget`."""
    from jsonschema.validators import extend

    make: Any = extend
    keywords = kind.VALIDATORS.items()
    return make(kind, {name: _counted(one, budget, name) for name, one in keywords})


def _counted(keyword: Callable[..., Any], budget: Budget, name: str) -> Callable[..., Any]:
    def counted(validator: Any, demand: Any, value: Any, schema: Any) -> Iterator[Any]:
        budget.spend(1)
        if name == "uniqueItems" and isinstance(value, list) and not _have_order(value):
            # They are compared each with each.
            budget.spend(len(value) ** 2)
        if name == "enum" and isinstance(demand, list):
            budget.spend(len(demand) // 4)
        for error in keyword(validator, demand, value, schema) or ():
            # Its message holds the whole value, at each level again.
            budget.spend(len(error.message) // _CHARACTERS_A_STEP)
            yield error

    return counted


def _have_order(items: list[Any]) -> bool:
    """Whether `jsonschema` can sort items: all texts, or all numbers. It cannot sort `true`."""
    if all(isinstance(item, str) for item in items):
        return True
    return all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in items)
