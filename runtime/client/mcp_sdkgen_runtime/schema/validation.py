"""Exact validation of arguments against a tool's original JSON Schema.

`jsonschema-rs` does it where it is installed (microseconds), else `jsonschema`. Neither may fetch
anything. A keyword that they cannot read is left out, and nothing else with it (`readable`).

Validity is checked first; the reason is looked for only within a step budget, and omitted beyond
it (`effort`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

from ..observability.log import logger
from ..text import printable, shortened, shortened_text
from .comparing import Comparing
from .demands import ONE_KEY_OF, demand_in_words
from .effort import (
    Budget,
    Effort,
    TooMuchWork,
    counting,
    parts,
    traced_patterns,
)
from .formats import Judges, is_any_exclusive, judges_of, unknown_formats
from .pattern_bounds import BACKTRACKING, Tracing
from .readable import Unread, readable
from .references import SCHEMA_MAPS

_log = logger(__name__)

_EXPLAINED_STEPS: Final = 50_000
"""A misfit is looked for in at most these many steps, each of some microseconds."""
_EXPLAINED_ERRORS: Final = 1_000
_JUDGED_STEPS: Final = 100_000_000
"""What `jsonschema-rs` judges, in steps of some nanoseconds."""
_JUDGED_SLOWLY_STEPS: Final = 100_000
"""What `jsonschema` judges, in steps of some microseconds."""
_OFTEN_WRITTEN_OUT: Final = 1_000
"""A schema with fewer subschemas than this multiplies nothing worth counting."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """One broken rule: where (wire keys and indexes), which keyword, what it demands, what came."""

    path: tuple[str | int, ...]
    rule: str
    demand: Any
    value: Any
    missing: str | None = None
    """The wire key of a property that is required and absent."""
    unexpected: tuple[str, ...] = ()
    """Wire keys of properties that are not allowed."""
    of_key: bool = False
    """Whether `value` is a key of the object at `path`, which `propertyNames` does not allow."""

    @property
    def place(self) -> str:
        """Where it is: `labels[0].name`; empty for the whole."""
        return pointer(self.path).lstrip(".")

    @property
    def wrong(self) -> str:
        """What is wrong there, on one line, safe to print."""
        if not self.rule:
            return "does not fit the schema, in which too many alternatives are nested to say why"
        if self.missing is not None:
            return f"{shortened(self.missing)} is missing"
        if self.unexpected:
            return f"does not take {', '.join(map(shortened, self.unexpected))}"
        demand = f"{demand_in_words(self.rule, self.demand)}, got {shortened(self.value)}"
        return f"has a key that {demand}" if self.of_key else demand

    def __str__(self) -> str:
        return f"{self.place}: {self.wrong}" if self.path else self.wrong


def pointer(path: Iterable[str | int]) -> str:
    """A way into JSON data, as Python would write it: `.labels[0].name`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


_UNEXPLAINED = Misfit(path=(), rule="", demand=None, value=None)

Check = Callable[[Any], Misfit | None]
"""Says what is wrong with a value, or None when it is valid."""

Formats: TypeAlias = Literal["ignored", "lenient", "exact"]
"""Whether `format` is judged, and in which reading (see `formats`)."""


def compiled(schema: Any, *, certain: bool = False, formats: Formats = "ignored") -> Check | None:
    """A check for `schema`, or None when no validator can be made of it.

    With `formats="exact"`, a format that is not known gives no validator; else it is ignored.

    A value that the validator cannot judge passes, and so does one that it cannot judge within
    bounds, which is logged as a warning; with `certain` the check raises whatever the validator
    raised, or `TooMuchWork`.
    """
    if not isinstance(schema, dict):
        return None
    # Whatever a hostile or broken schema does to a validator library, the call must go on.
    if formats == "exact" and unknown_formats(schema):
        return None
    with suppress(Exception):
        check = _compiled(schema, formats)
        with_null = _with_null(schema)
        if with_null != schema:
            with suppress(Exception):
                check = partial(_either, check, _compiled(with_null, formats))
        return check if certain else partial(_undisturbed, check)
    return None


def _compiled(schema: dict[str, Any], formats: Formats) -> Check:
    judges = {} if formats == "ignored" else judges_of(schema, formats)
    check = _compiled_as(schema, judges)
    if formats == "lenient" and judges and is_any_exclusive(schema):
        check = partial(_either, _compiled_as(schema, judges_of(schema, "exact")), check)
    return check


def _compiled_as(schema: dict[str, Any], judges: Judges) -> Check:
    # It may be missing, and cannot read half an emoji (a lone surrogate).
    with suppress(Exception):
        return _compiled_fast(schema, judges)
    return _compiled_pure(schema, judges)


def _either(check: Check, other: Check, value: Any) -> Misfit | None:
    return check(value) and other(value)


_DATA = frozenset({"const", "enum", "default", "example", "examples"})


def _with_null(node: Any) -> Any:
    """A schema in which OpenAPI's `nullable: true` is said in JSON Schema, which does not know it.

    It adds null to the `type` beside it (OpenAPI 3.0.3) and, as many generators mean it, to a
    reference.
    """
    if isinstance(node, list):
        return [_with_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: item if key in _DATA else _with_null(item) for key, item in node.items()}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        made["type"] = [node["type"], "null"]
        if isinstance(node.get("enum"), list) and None not in node["enum"]:
            made["enum"] = [*node["enum"], None]
    elif node.get("nullable") is True and (
        isinstance(node.get("$ref"), str) or isinstance(node.get("allOf"), list)
    ):
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _undisturbed(check: Check, value: Any) -> Misfit | None:
    with suppress(Exception):
        try:
            return check(value)
        except TooMuchWork as error:
            _log.warning("a value is not checked against its schema: %s", error)
    return None


def _refuse(uri: str) -> Any:
    raise LookupError(f"{uri}: not part of the schema, and nothing is ever fetched")


def _compiled_fast(schema: dict[str, Any], judges: Judges) -> Check:
    import jsonschema_rs

    reading = readable(schema, _first_fault_fast)
    schema = reading.schema
    validator = jsonschema_rs.validator_for(
        schema,
        retriever=_refuse,
        validate_formats=bool(judges),
        formats=dict(judges),
        pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACKING),
    )
    tracing = Tracing()
    effort = Effort(schema)
    written_out, comparing = effort.static(), Comparing(effort)
    is_traced = effort.static(traced_patterns) > 0

    def check(value: Any) -> Misfit | None:
        # It remembers its answers for schemas that refer to themselves, but for no others.
        if written_out > _OFTEN_WRITTEN_OUT and written_out * parts(value) > _JUDGED_STEPS:
            raise TooMuchWork
        if comparing.steps(value) > _JUDGED_STEPS:
            raise TooMuchWork
        if is_traced:
            tracing.check(*effort.traced(value), _JUDGED_STEPS)
        if validator.is_valid(value):
            return None
        if not effort.within(value, _EXPLAINED_STEPS):
            return _UNEXPLAINED
        errors = islice(validator.iter_errors(value), _EXPLAINED_ERRORS)
        found = max(map(_fast_misfit, errors), key=_usefulness, default=_UNEXPLAINED)
        return _as_written(found, reading.patterns)

    return check


def _first_fault_fast(schema: dict[str, Any]) -> tuple[list[str | int], str] | None:
    import jsonschema_rs

    try:
        jsonschema_rs.meta.validate(schema)
    except jsonschema_rs.ValidationError as error:
        return list(error.instance_path), shortened_text(printable(error.message), 200)
    return None


def unread(schema: Any) -> tuple[Unread, ...]:
    """The keywords of `schema` that no validator can read, so that they are not checked.

    Raises `ValueError` when they are too many, and nothing of it is checked. Patterns with
    look-around or references back are checked only where `jsonschema-rs` is installed.
    """
    if not isinstance(schema, dict):
        return ()
    with suppress(Exception):
        return readable(schema, _first_fault_fast).unread
    return readable(schema, _first_fault_pure).unread


def _as_written(misfit: Misfit, patterns: Mapping[str, str]) -> Misfit:
    """A misfit that shows a pattern as the server wrote it."""
    if misfit.rule == "pattern" and misfit.demand in patterns:
        return replace(misfit, demand=patterns[misfit.demand])
    return misfit


def _fast_misfit(error: Any) -> Misfit:
    kind = error.kind
    facts = kind.as_dict()
    if kind.name == "propertyNames":
        return replace(_fast_misfit(kind.error), path=tuple(error.instance_path), of_key=True)
    inner = facts.get("context")
    if inner and (deeper := _deepest([[_fast_misfit(e) for e in branch] for branch in inner])):
        return deeper
    return Misfit(
        path=tuple(error.instance_path),
        rule=kind.name,
        demand=None if inner else kind.value,
        value=error.instance,
        missing=facts.get("property") if kind.name == "required" else None,
        unexpected=tuple(facts.get("unexpected") or ()),
    )


def _compiled_pure(schema: dict[str, Any], judges: Judges) -> Check:
    from jsonschema import FormatChecker
    from jsonschema.validators import Draft202012Validator, validator_for
    from jsonschema_specifications import (  # type: ignore[import-untyped]
        REGISTRY as SPECIFICATIONS,
    )
    from referencing import Registry

    from .patterns import linear

    reading = readable(schema, _first_fault_pure)
    schema = reading.schema
    kind = validator_for(schema, default=Draft202012Validator)
    registry: Any = Registry(retrieve=_refuse).combine(SPECIFICATIONS)  # type: ignore[call-arg]
    budget = Budget()
    checker = FormatChecker(formats=())
    checker.checkers = {name: (judge, ()) for name, judge in judges.items()}
    make = counting(linear(kind), budget)
    validator: Any = make(schema, registry=registry, format_checker=checker)

    def check(value: Any) -> Misfit | None:
        budget.left = _JUDGED_SLOWLY_STEPS
        found: list[Misfit] = []
        try:
            for error in islice(validator.iter_errors(value), _EXPLAINED_ERRORS):
                if not found:
                    budget.left = min(budget.left, _EXPLAINED_STEPS)
                found.append(_pure_misfit(error))
        except TooMuchWork:
            if not found:
                raise
        misfit = max(found, key=_usefulness, default=None)
        return misfit and _as_written(misfit, reading.patterns)

    return check


def _first_fault_pure(schema: dict[str, Any]) -> tuple[list[str | int], str] | None:
    from jsonschema import FormatChecker, SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for

    from .patterns import is_linear

    formats = FormatChecker(formats=())
    formats.checks("regex")(is_linear)
    kind: Any = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema, format_checker=formats)
    except SchemaError as error:
        return list(error.absolute_path), shortened_text(printable(error.message), 200)
    return None


def _pure_misfit(error: Any) -> Misfit:
    branches: dict[Any, list[Misfit]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0] if inner.schema_path else None, []).append(
            _pure_misfit(inner)
        )
    of_key = _is_of_key(list(error.absolute_schema_path))
    if deeper := _deepest(list(branches.values())):
        return replace(deeper, of_key=of_key or deeper.of_key)
    value, demand = error.instance, error.validator_value
    rule = "falseSchema" if error.validator is None else str(error.validator)
    missing = unexpected = None
    if rule == "required" and isinstance(value, dict) and isinstance(demand, list):
        missing = next(
            (key for key in demand if key not in value and repr(key) in error.message), None
        )
    if rule == "additionalProperties" and isinstance(value, dict):
        unexpected = tuple(_unexpected(value, error.schema))
    return Misfit(
        tuple(error.absolute_path),
        rule,
        None if error.context else demand,
        value,
        missing,
        unexpected or (),
        of_key,
    )


def _is_of_key(way: list[str | int]) -> bool:
    """Whether a way into a schema ends at a keyword of `propertyNames`, or at that itself."""
    at = max((n for n, step in enumerate(way) if step == "propertyNames"), default=-1)
    is_keyword = at == 0 or (at > 0 and way[at - 1] not in SCHEMA_MAPS)
    return at >= 0 and is_keyword and len(way) - at <= 2


def _unexpected(value: dict[str, Any], schema: Any) -> Iterator[str]:
    from .patterns import matches

    known = schema.get("properties", {}) if isinstance(schema, dict) else {}
    patterns = schema.get("patternProperties", {}) if isinstance(schema, dict) else {}
    for key in value:
        if key not in known and not any(matches(pattern, key) for pattern in patterns):
            yield key


_TAG_RULES = ("const", "constant", "enum")


def _usefulness(misfit: Misfit) -> tuple[int, int]:
    # An unknown key is what was typed; a missing one is often its consequence.
    return (bool(misfit.unexpected), len(misfit.path))


def _deepest(branches: list[list[Misfit]]) -> Misfit | None:
    """The misfit of the alternative that was meant: one whose tag fits, and that got furthest."""
    tagged = [b for b in branches if not any(misfit.rule in _TAG_RULES for misfit in b)]
    misfits = [misfit for branch in tagged or branches for misfit in branch]
    deepest = max((len(misfit.path) for misfit in misfits), default=0)
    found = [misfit for misfit in misfits if len(misfit.path) == deepest]
    places = {misfit.path for misfit in found}
    if len(found) > len(places) == 1 and all(misfit.rule in _TAG_RULES for misfit in found):
        return _one_of_all(found)
    lacking = {misfit.missing: misfit for misfit in found if misfit.rule == "required"}
    if len(places) == 1 < len(lacking) and None not in lacking and len(found) == len(branches):
        return replace(found[0], rule=ONE_KEY_OF, demand=[*lacking], missing=None)
    if len(found) == 1 or (found and all(misfit.rule != "type" for misfit in found)):
        return found[0]
    return None


def _one_of_all(found: list[Misfit]) -> Misfit:
    """What several alternatives of one value demand together: one of all their values."""
    demands = [one.demand if one.rule == "enum" else [one.demand] for one in found]
    return replace(found[0], rule="enum", demand=[value for each in demands for value in each])
