"""Our own regular expressions give no text two ways to be divided between two repetitions.

Where two repetitions that take the same characters are neighbours, the time that a text takes which
does not match grows with the square of its length.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import mcp_sdkgen
import mcp_sdkgen_codemode
import mcp_sdkgen_runtime
import pytest

PARSER: Final[Any] = importlib.import_module("re._parser")
COMPILER: Final[Any] = importlib.import_module("re._compiler")

PACKAGES: Final = (mcp_sdkgen, mcp_sdkgen_runtime, mcp_sdkgen_codemode)
SHORT: Final = 512
"""A repetition of at most so many characters multiplies no more than that."""
SAMPLES: Final = [*map(chr, range(128)), *"é中\x85\u2028"]
"""Characters of each kind that patterns tell apart."""
REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

Chars = frozenset[str]
Open = frozenset[tuple[Chars, frozenset[Chars]]]
"""What each repetition takes that may still give characters back, and what stands since then."""

MESSAGE: Final = "a message of mypy about one expression"
EXCEPTIONS: Final = {
    "mcp_sdkgen.cli.running.obeyed": (1, "the name of one file"),
    "mcp_sdkgen.lint.schemas": (1, "the first 512 characters of a description"),
    "mcp_sdkgen.lower.classes": (1, "what follows takes anything, and cannot fail"),
    "mcp_sdkgen.package.verify": (1, MESSAGE),
    "mcp_sdkgen_runtime.config.display": (1, "what follows takes anything, and cannot fail"),
    "mcp_sdkgen_runtime.config.secret_parts": (
        1,
        "what follows takes what there is, and cannot fail",
    ),
    "mcp_sdkgen_runtime.observability.redaction": (1, "it begins only where it will match"),
    "mcp_sdkgen_codemode.typecheck.hints": (1, MESSAGE),
    "mcp_sdkgen_codemode.typecheck.triage": (2, MESSAGE),
}
"""How many patterns of a module have such neighbours, and why those need no more time."""


class Neighbours(Exception):
    """Two repetitions that can take the same characters, or a possessive group of alternatives."""


def check(pattern: str, flags: int = 0) -> None:
    """Raises `Neighbours` with the characters that two repetitions of a pattern may both take."""
    parsed = PARSER.parse(pattern, flags)
    _sequence(parsed, parsed.state.flags, frozenset())


def _sequence(items: Any, flags: int, before: Open) -> Open:
    for item in items:
        before = _item(item, flags, before)
    return before


def _item(item: tuple[Any, Any], flags: int, before: Open) -> Open:
    kind, held = str(item[0]), item[1]
    if kind in REPEATS:
        return _repeat(item, flags, before)
    if kind == "SUBPATTERN":
        return _sequence(held[3], (flags | held[1]) & ~held[2], before)
    if kind == "BRANCH":
        return frozenset().union(*(_sequence(one, flags, before) for one in held[1]))
    if kind == "GROUPREF_EXISTS":
        other = _sequence(held[2], flags, before) if held[2] else before
        return _sequence(held[1], flags, before) | other
    if kind == "ATOMIC_GROUP":
        return _sequence(held, flags, before) & before
    if kind in ("ASSERT", "ASSERT_NOT"):
        _sequence(held[1], flags, before)
        return before
    if kind == "AT":
        is_end = str(held) in ("AT_END", "AT_END_STRING") and not flags & re.MULTILINE
        return frozenset() if is_end else before
    if kind == "GROUPREF":
        return before
    return _behind(before, _chars(item, flags))


def _behind(before: Open, taken: Chars) -> Open:
    """The repetitions that are open still when something of `taken` must come."""
    return frozenset((chars, between | {taken}) for chars, between in before if chars & taken)


def _repeat(item: tuple[Any, Any], flags: int, before: Open) -> Open:
    least, most, body = item[1]
    if str(item[0]) == "POSSESSIVE_REPEAT" and str(body[0][0]) in ("SUBPATTERN", "BRANCH"):
        raise Neighbours("Python before 3.11.4 reads a possessive group with alternatives wrongly")
    after = before
    if most <= SHORT or not _is_flat(body):
        # Twice, for what its end and its own beginning share.
        for _ in range(1 if most == 1 else 2):
            after = _sequence(body, flags, after)
    else:
        taken = _taken(body, flags)
        for chars, between in before:
            shared = chars & taken
            # What stands between them must be there again and again in what both take.
            if shared and all(shared & one for one in between):
                raise Neighbours("".join(sorted(shared)))
        after = _behind(before, taken)
        if str(item[0]) != "POSSESSIVE_REPEAT":
            after |= {(taken, frozenset())}
    return after if least else after | before


def _is_flat(items: Any) -> bool:
    """Whether no repetition without a bound is in a repetition."""
    for item in items:
        kind, held = str(item[0]), item[1]
        if kind in REPEATS and (held[1] > SHORT or not _is_flat(held[2])):
            return False
        if kind == "SUBPATTERN" and not _is_flat(held[3]):
            return False
        if kind == "ATOMIC_GROUP" and not _is_flat(held):
            return False
        if kind == "BRANCH" and not all(map(_is_flat, held[1])):
            return False
    return True


def _taken(items: Any, flags: int) -> Chars:
    taken: Chars = frozenset()
    for item in items:
        kind, held = str(item[0]), item[1]
        if kind in REPEATS:
            taken |= _taken(held[2], flags)
        elif kind == "SUBPATTERN":
            taken |= _taken(held[3], (flags | held[1]) & ~held[2])
        elif kind == "ATOMIC_GROUP":
            taken |= _taken(held, flags)
        elif kind == "BRANCH":
            taken = taken.union(*(_taken(one, flags) for one in held[1]))
        elif kind in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            taken |= _chars(item, flags)
    return taken


def _chars(item: tuple[Any, Any], flags: int) -> Chars:
    state = PARSER.State()
    state.flags = flags
    one = COMPILER.compile(PARSER.SubPattern(state, [item]), flags)
    extra = [chr(item[1])] if str(item[0]) == "LITERAL" else []
    return frozenset(char for char in (*SAMPLES, *extra) if one.fullmatch(char))


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def patterns_of(module: ModuleType) -> Iterator[tuple[str, int]]:
    """The patterns that a module holds, and those that are written where they are used."""
    todo = list(vars(module).values())
    while todo:
        here = todo.pop()
        if isinstance(here, re.Pattern):
            yield here.pattern, here.flags
        elif isinstance(here, dict):
            todo += here.values()
        elif isinstance(here, (tuple, list)):
            todo += here
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:  # An empty module.
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        is_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        pattern = node.args[0] if is_re and node.args else None
        if isinstance(pattern, ast.Constant) and isinstance(pattern.value, str):
            yield pattern.value, 0


def all_patterns() -> dict[tuple[str, int], str]:
    """Each pattern with its flags, and the module that has it; that it is in as a literal too is
    told once."""
    found: dict[tuple[str, int], str] = {}
    for module in modules():
        for pattern, flags in patterns_of(module):
            if isinstance(pattern, str):
                found.setdefault(
                    (pattern, PARSER.parse(pattern, flags).state.flags), module.__name__
                )
    return found


def test_no_two_repetitions_of_a_pattern_are_neighbours_that_take_the_same_characters() -> None:
    patterns = all_patterns()
    assert len(patterns) > 100
    found: dict[str, list[str]] = {}
    for (pattern, flags), module in patterns.items():
        try:
            check(pattern, flags)
        except Neighbours as shared:
            found.setdefault(module, []).append(f"{pattern}: both take {str(shared)!r}")
    assert {module: why for module, why in found.items() if module not in EXCEPTIONS} == {}
    assert {module: len(found.get(module, ())) for module in EXCEPTIONS} == {
        module: count for module, (count, _) in EXCEPTIONS.items()
    }


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:a|bc)*+d",
        r"(.*?)\s*", r"\$\{([^{}$]*(?::-[^{}]*)?)", r"J[\w-]{8,}\.?J[\w-]*", r"[ \t]*\w*[ \t]*x",
        r"(?: +[^:\n]*)?:", r"(?:a+)+b", r"(?:a|a+)*b", r"\w*(?=\w*b)", r"(?i:a*)A*", r"x{600}\w*",
    ],
)  # fmt: skip
def test_a_pattern_that_divides_a_text_in_two_ways_is_found(pattern: str) -> None:
    with pytest.raises(Neighbours):
        check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"\w*\s*", r"\w*+\w*", r"[^:]*:.*", r"[^\"\\]*+(?:\\.[^\"\\]*+)*\"", r"a{9}a*", r"(?>a*)a*"],
)
def test_a_pattern_that_divides_each_text_in_one_way_passes(pattern: str) -> None:
    check(pattern)
