"""What the original schema says beyond the type: limits, defaults, an example, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, zip_longest
from textwrap import indent
from typing import Any

from ..ir import ListOf, Literals, MapOf, ModelRef, Plain, TaggedUnion, TupleOf, TypeRef, UnionOf
from ..schema.subset import NULL
from ..schema.subset import literal as literal_type
from ..text import (
    clean,
    first_paragraphs,
    literal,
    one_line,
    sentence_of,
    summary_and_rest,
)
from .sections import Words

MAX_DOC = 300
"""Characters for the server's words about one argument."""
MAX_MEANING = 80
"""Characters for the server's words about one value."""
MAX_PROSE = 600
"""Characters for the server's words about a tool, in the docstring of its method."""

_RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " character"),
    ("minItems", "maxItems", " item"),
    ("minProperties", "maxProperties", " key"),
)
_SAFE_INTEGER = 2**53 - 1
_FORMATS = {
    "date": ("yyyy-mm-dd", "iso 8601"),
    "date-time": ("iso 8601", "rfc 3339", "rfc3339", "iso8601", "datetime", "timestamp"),
    "time": ("hh:mm",),
    "uri": ("url",),
    "uri-reference": ("url", "uri"),
    "email": ("e-mail",),
    "uuid": ("guid",),
    "ipv4": ("ip address",),
    "ipv6": ("ip address",),
}
"""Other words that a description has for a format."""
_NUMBERS = {0: "zero", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
_LEAST = r"\bmin|least|more than|greater|above|starting|>=?|≥"
_MOST = r"\bmax|most|up to|less than|fewer|below|limit|longer|exceed|more than|<=?|≤|\bcap"
_LITTLE_WORDS = frozenset(
    "a an and are be for in is it of or s that the this to which".split()  # noqa: SIM905
)

PLACEHOLDER = '"text"'
"""What stands for a string in an example, where the server gives none."""

_SCALARS = {"str": "text", "int": 1, "float": 1, "bool": True, "None": None, "Any": None}

Members = Callable[[str], list[tuple[str, TypeRef, Any]]]
"""The key of a model → its required properties: Python name, type, original schema."""


class _Said:
    """What the server's words about a property tell by themselves, so that it is not said twice."""

    def __init__(self, words: str) -> None:
        self._words = re.sub(r"(?<=\d),(?=\d{3})", "", words.lower())

    def any(self, *words: str) -> bool:
        """Whether one of these stands there, at the beginning of a word."""
        return any(re.search(rf"(?<!\w){re.escape(word.lower())}", self._words) for word in words)

    def number(self, number: Any) -> bool:
        """Whether a number stands there, in digits or as a little word."""
        text = re.escape(str(_plain(number)))
        match = re.search(rf"(?<![\w.]){text}(?:\.0+)?(?!\d|\.\d)", self._words)
        return match is not None or (number in _NUMBERS and self.any(_NUMBERS[number]))

    def value(self, value: Any) -> bool:
        """Whether a JSON value stands there."""
        if _number(value):
            return self.number(value)
        text = value if isinstance(value, str) else literal(value)
        if not text:
            return self.any("empty") or '""' in self._words or "''" in self._words
        return re.search(rf"(?<!\w){re.escape(text.lower())}(?!\w)", self._words) is not None

    def least(self, number: Any, unit: str) -> bool:
        """Whether a lower bound stands there."""
        if number == 1 and unit and self.any("non-empty", "nonempty", "not be empty", "not empty"):
            return True
        return self.number(number) and re.search(_LEAST, self._words) is not None

    def most(self, number: Any) -> bool:
        """Whether an upper bound stands there."""
        return self.number(number) and re.search(_MOST, self._words) is not None


def limits(schema: Any, words: str) -> list[str]:
    """The limits that no static type enforces and `words` do not tell, each a few plain words."""
    if not isinstance(schema, Mapping):
        return []
    said = _Said(words)
    phrases = [
        _range(_bound(schema, low), _bound(schema, high), unit, said)
        for low, high, unit in _RANGES
        if not (unit == " item" and _has_fixed_length(schema))
    ]
    for form, key in (("more than {}", "exclusiveMinimum"), ("less than {}", "exclusiveMaximum")):
        value = _bound(schema, key)
        if value is not None and not said.number(value):
            phrases.append(form.format(value))
    step = schema.get("multipleOf")
    if _number(step) and not (said.number(step) and said.any("multiple")):
        phrases.append(f"a multiple of {step}")
    if schema.get("uniqueItems") is True and not said.any("unique", "distinct", "duplicate"):
        phrases.append("no repetitions")
    named = schema.get("format")
    if isinstance(named, str) and not said.any(named, *_FORMATS.get(named, ())):
        phrases.append(f"format {one_line(named, 40)}")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and pattern not in words:
        phrases.append(f"matches {one_line(pattern, 80)}")
    phrases.append(_choices(schema, said))
    item = schema.get("items")
    if isinstance(item, Mapping):
        phrases += [f"each item {word}" for word in limits(item, f"{words} {description(item)}")]
    return [word for word in phrases if word]


def _has_fixed_length(schema: Mapping[str, Any]) -> bool:
    """Whether it is a tuple whose type says how many items it has."""
    old = isinstance(schema.get("items"), list)
    prefix = schema["items"] if old else schema.get("prefixItems")
    if not isinstance(prefix, list):
        return False
    closed = schema.get("additionalItems" if old else "items") is False
    return schema.get("minItems") == len(prefix) and (
        closed or schema.get("maxItems") == len(prefix)
    )


def default(schema: Any, words: str) -> str:
    """The server's default as Python source on one line; empty when it names none, or when `words`
    name it."""
    value = schema.get("default") if isinstance(schema, Mapping) else None
    if value is None or (_Said(words).any("default") and _Said(words).value(value)):
        return ""
    return one_line(literal(value), 80)


def meanings(schema: Any) -> str:
    """What the constants of an `anyOf` or `oneOf` mean, in the words beside each, on one line."""
    if not isinstance(schema, Mapping):
        return ""
    branches = [
        branch
        for place in (schema, schema.get("items"))
        for key in ("anyOf", "oneOf")
        if isinstance(place, Mapping) and isinstance(place.get(key), list)
        for branch in place[key]
        if isinstance(branch, Mapping)
    ]
    told: list[str] = []
    for branch in branches:
        words = branch.get("description") or branch.get("title")
        if "const" in branch and isinstance(words, str) and words.strip() != branch["const"]:
            meaning = one_line(words, MAX_MEANING).rstrip(".;")
            told.append(f"{one_line(literal(branch['const']), 40)}: {meaning}")
    fitting = sum(length <= MAX_DOC for length in accumulate(len(each) + 2 for each in told))
    return "; ".join(told[:fitting] + ["…"] * (len(told) > fitting))


def description(schema: Any) -> str:
    """The server's own words about a property, empty if there are none."""
    text = schema.get("description") if isinstance(schema, Mapping) else None
    return clean(text).strip() if isinstance(text, str) else ""


def description_of(definition: Mapping[str, Any]) -> str:
    """The server's prose about a tool; its title where there is no description."""
    for text in (definition.get("description"), title_of(definition)):
        if isinstance(text, str) and text.strip():
            return clean(text).strip()
    return ""


def title_of(definition: Mapping[str, Any]) -> str:
    """The tool's title for people: `title`, else `annotations.title`, else nothing."""
    for place in (definition, definition.get("annotations")):
        title = place.get("title") if isinstance(place, Mapping) else None
        if isinstance(title, str) and title.strip():
            return title.strip()
    return ""


def method_doc(
    words: Words,
    arguments: Iterable[tuple[str, str]],
    *,
    fallback: str = "",
    marks: str = "",
    note: str = "",
    whole: str = "",
) -> str:
    """A method's docstring: a sentence, what else there is to say, and a section for each of
    arguments, result and errors.

    `arguments` are (name, text) pairs. `marks` follow the sentence, `note` the server's words.
    With `whole`, the file that has all of them, they are shortened to whole paragraphs.
    """
    summary, rest = summary_and_rest(words.prose)
    parts = [f"{sentence_of(summary or fallback)}{marks}"]
    if rest and not whole:
        parts.append(rest)
    elif rest:
        shown = first_paragraphs(rest, max(MAX_PROSE - len(summary), MAX_DOC))
        is_cut = len("".join(shown.split())) < len("".join(clean(rest).split()))
        parts += [shown, f"(More in `{whole}`.)" if is_cut else ""]
    parts.append(note)
    lines = [f"    {name}: {doc}" for name, doc in arguments if doc]
    parts.append("\n".join(["Args:", *lines]) if lines else "")
    parts += answers(words)
    return "\n\n".join(filter(None, parts))


def answers(words: Words) -> Iterator[str]:
    """The sections for what is returned, and for what the server raises: callers of the SDK get
    that as `ToolError`."""
    if words.returns:
        yield f"Returns:\n{indent(words.returns, ' ' * 4)}"
    if words.raises:
        yield f"Raises:\n    ToolError: In the server's words:\n{indent(words.raises, ' ' * 8)}"


def documented(schema: Any, said: str) -> Any:
    """`schema` with what else is `said` about it in its description.

    Where one of the two says all that the other does, the fuller one stays; else both, the
    schema's own words first.
    """
    if not said:
        return schema
    own = description(schema)
    first, second = _significant_words(own), _significant_words(said)
    if second <= first:
        text = own
    elif first <= second:
        text = said
    else:
        text = f"{stopped(own)}\n\n{said}" if "\n" in own + said else f"{stopped(own)} {said}"
    return {**(schema if isinstance(schema, Mapping) else {}), "description": text}


def facts(schema: Any, words: str) -> str:
    """Limits, meanings of values and default of a property in sentences, as far as `words` do not
    tell them."""
    parts = [_capital(", ".join(limits(schema, words)))]
    if told := meanings(schema):
        parts.append(f"Values: {told}")
    if value := default(schema, words):
        parts.append(f"Server default: {value}")
    return " ".join(stopped(part) for part in parts if part)


def sentence(schema: Any, limit: int = 0) -> str:
    """Description, limits and default of a property as prose on one line.

    The description is shortened to `limit` characters if that is not 0.
    """
    words = one_line(description(schema), limit)
    return " ".join(part for part in (stopped(words), facts(schema, words)) if part)


def stopped(text: str) -> str:
    """`text` with something at its end that closes a sentence."""
    return text if not text or text[-1] in ".!?:…" else f"{text}."


def example(type_: TypeRef, schema: Any, members: Members, depth: int = 0) -> str:
    """A value of `type_` as Python source, taken from the schema's own examples where they fit."""
    schema = schema if isinstance(schema, Mapping) else {}
    match type_:
        case Literals(values):
            return literal(values[0])
        case Plain(name):
            return literal(_scalar(name, schema))
        case ListOf(item):
            least = schema.get("minItems")
            count = min(max(least, 1), 5) if isinstance(least, int) else 1
            one = example(item, schema.get("items"), members, depth + 1)
            return f"[{', '.join([one] * count)}]"
        case TupleOf(kinds):
            return f"({', '.join(_tuple_examples(kinds, schema, members, depth))})"
        case MapOf():
            return "{}"
        case UnionOf(parts) | TaggedUnion(parts):
            return example(parts[0], schema, members, depth)
        case ModelRef(key):
            if depth > 3:
                return "{}"
            items = (
                f"{literal(name)}: {example(part, below, members, depth + 1)}"
                for name, part, below in members(key)
            )
            return f"{{{', '.join(items)}}}"


def _tuple_examples(
    items: Sequence[TypeRef], schema: Mapping[str, Any], members: Members, depth: int
) -> Iterator[str]:
    listed = schema.get("prefixItems", schema.get("items"))
    schemas = listed if isinstance(listed, list) else []
    for item, below in zip_longest(items, schemas[: len(items)]):
        yield example(item, below, members, depth + 1)
    if len(items) == 1:
        yield ""  # `(1, )` is a tuple, `(1)` is none


def _scalar(name: str, schema: Mapping[str, Any]) -> Any:
    examples = schema.get("examples")
    candidates = list(examples) if isinstance(examples, list) else []
    candidates += [schema.get("default"), schema.get("minimum")]
    for value in candidates:
        fits = type(value).__name__ == name or (name == "float" and type(value) is int)
        if fits and len(str(value)) <= 60:
            return _plain(value)
    return _SCALARS[name]


def _bound(schema: Mapping[str, Any], key: str) -> Any:
    """A bound that says something: JavaScript's safe integers, in every schema of zod's, do not."""
    value = schema.get(key)
    if value is None or not _number(value) or abs(value) >= _SAFE_INTEGER:
        return None
    return value


def _range(low: Any, high: Any, unit: str, said: _Said) -> str:
    def plural(number: Any) -> str:
        return f"{unit}s" if unit and number != 1 else unit

    if low is not None and high is not None:
        if said.number(low) and said.number(high):
            return ""
        if low == high:
            return f"exactly {low}{plural(low)}"
        return f"{low} to {high}{plural(high)}"
    if low is not None and (low or not unit) and not said.least(low, unit):
        return f"at least {low}{plural(low)}"
    return f"at most {high}{plural(high)}" if high is not None and not said.most(high) else ""


def _choices(schema: Mapping[str, Any], said: _Said) -> str:
    """The values of an enum, where the type could not name them."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if (
        not isinstance(values, list)
        or not values
        or "enum" in (annotation := literal_type(values))
        or annotation == NULL
        or all(said.value(value) for value in values)
    ):
        return ""
    shown = one_line(", ".join(map(literal, values)), 120)
    return f"one of {shown}" if len(values) > 1 else f"only {shown}"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """A whole number without a fraction, as JSON and people write it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _significant_words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if word not in _LITTLE_WORDS}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
