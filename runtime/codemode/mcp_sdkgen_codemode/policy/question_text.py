"""What a person is shown of a call before it is approved: every argument, and nothing hidden.

The words come from a program that may want to be approved for something else than it shows. So
every value stands under its own key and is shortened by itself, a question that cannot show all
values says so, and characters that could be missed or mistaken are spelled out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

HEAD_CHARS: Final = 160
"""Characters of a value that are shown from its start; a longer value is shortened."""
TAIL_CHARS: Final = 80
"""Characters of a shortened value that are shown from its end."""
MAX_VALUES: Final = 60
"""Values that a question shows; with more, the question says that it is not whole."""
_MAX_INDENT: Final = 20


def request_text(server: str, tool: str, arguments: Mapping[str, Any], why: str) -> str:
    """What a person is shown: server, tool and the arguments as they will be sent.

    One line for each value, under its path (`message.to[0]: "…"`). What is longer than `HEAD_CHARS`
    and `TAIL_CHARS` together, a path as well as a value, shows both ends and how much is between
    them. Names and keys are shown in ASCII. Safe for a terminal.
    """
    shown = [*islice(_values(arguments), MAX_VALUES)]
    lines = [f"  {_shortened(one.path)}: {_shortened(one.text)}" for one in shown]
    if (count := _count(arguments)) > MAX_VALUES:
        lines.append(f"  NOT SHOWN: {count - MAX_VALUES} of {count} values")
    return "\n".join([_heading(server, tool, why), *(lines or ["  (no arguments)"])])


def full_text(server: str, tool: str, arguments: Mapping[str, Any], why: str) -> str:
    """All that `request_text` may leave out: every key and value in full, each once, in lines that
    are indented as far as the values are nested."""
    lines = _tree(arguments, 1) if arguments else ["  (no arguments)"]
    return "\n".join([_heading(server, tool, why), *lines])


def is_whole(arguments: Mapping[str, Any]) -> bool:
    """Whether `request_text` shows all of the arguments."""
    shown = [*islice(_values(arguments), MAX_VALUES + 1)]
    return len(shown) <= MAX_VALUES and all(
        one.is_whole and max(len(one.path), len(one.text)) <= HEAD_CHARS + TAIL_CHARS
        for one in shown
    )


def plain(text: str) -> str:
    """`text` with every character spelled out that a reader could miss or mistake.

    ASCII stays, and so do letters and signs of every script that look like no other. Spelled out
    as `\\u{…}` are controls, invisible and direction marks, combining marks, blanks other than the
    space, characters that are only another form of a plainer one (full-width, mathematical),
    letters of scripts that are written from right to left, since they change the order of what
    stands beside them, non-Latin letters inside a word with Latin ones, and words of another script
    all of whose letters have a Latin look-alike (Unicode TR 39).
    """
    if text.isascii() and text.isprintable():
        return text
    return _WORD.sub(_plain_word, text)


def _heading(server: str, tool: str, why: str) -> str:
    return f"{_name(server)}/{_name(tool)}: {plain(why)}"


class _Value(NamedTuple):
    """A value that holds no other, as JSON, and where it stands; `is_whole` is of that place."""

    path: str
    text: str
    is_whole: bool = True


def _values(value: Any, path: str = "", is_whole: bool = True) -> Iterator[_Value]:
    """Each value that holds no other, in order; empty objects and arrays count.

    Its path names each key by itself, and shortened: all that is below a key repeats it.
    """
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            name = _shortened(_key(str(key)))
            dot = "." if path and name[0] != "[" else ""
            whole = is_whole and len(name) <= HEAD_CHARS + TAIL_CHARS
            yield from _values(inner, path + dot + name, whole)
    elif isinstance(value, list | tuple) and value:
        for number, inner in enumerate(value):
            yield from _values(inner, f"{path}[{number}]", is_whole)
    else:
        yield _Value(path, json.dumps(value, ensure_ascii=False), is_whole)


def _count(value: Any) -> int:
    """How many values that hold no other there are."""
    count, todo = 0, [value]
    while todo:
        here = todo.pop()
        if isinstance(here, Mapping | list | tuple) and here:
            todo += here.values() if isinstance(here, Mapping) else here
        else:
            count += 1
    return count


def _tree(value: Any, depth: int) -> Iterator[str]:
    # Indented no further than can be read, or a deep value would cost its depth on each line.
    indent = "  " * depth if depth <= _MAX_INDENT else f"{'  ' * _MAX_INDENT}(level {depth}) "
    members = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, inner in members:
        name = _key(key) if isinstance(key, str) else f"[{key}]"
        if isinstance(inner, Mapping | list | tuple) and inner:
            yield f"{indent}{name}:"
            yield from _tree(inner, depth + 1)
        else:
            yield f"{indent}{name}: {plain(json.dumps(inner, ensure_ascii=False))}"


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"[{_name(json.dumps(key, ensure_ascii=False))}]"


def _shortened(value: str) -> str:
    left_out = len(value) - HEAD_CHARS - TAIL_CHARS
    if left_out <= 0:
        return plain(value)
    head, tail = plain(value[:HEAD_CHARS]), plain(value[-TAIL_CHARS:])
    return f"{head} … {left_out} characters left out … {tail}"


def _name(text: str) -> str:
    # A name of another script as a whole could still pass for one in ASCII, as names are.
    return "".join(c if c.isascii() and c.isprintable() else _spelled(c) for c in text)


def _spelled(c: str) -> str:
    return f"\\u{{{ord(c):x}}}"


_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
_WORD = re.compile(r"\w+|\W")


def _plain_word(match: re.Match[str]) -> str:
    word = match[0]
    if word.isascii():
        return "".join(c if c.isprintable() or c == "\n" else _spelled(c) for c in word)
    foreign = "".join(c for c in word if not c.isascii() and c not in _LATIN)
    mixed = any("a" <= c <= "z" for c in word.lower()) or _passes_for_latin(foreign)
    return "".join(c if _harmless(c, mixed) else _spelled(c) for c in word)


def _harmless(c: str, mixed: bool) -> bool:
    if c.isascii():
        return c.isprintable() or c == "\n"
    if unicodedata.category(c)[0] not in "LNPS" or unicodedata.normalize("NFKC", c) != c:
        return False
    if c in _BLANK or unicodedata.bidirectional(c) in ("R", "AL", "AN"):
        return False
    return not (mixed and c.isalpha()) or c in _LATIN


def _passes_for_latin(letters: str) -> bool:
    """Whether every one of these letters has a look-alike among the Latin ones."""
    if not letters or not letters.isalpha():
        return False
    # Half a second, which only questions in other scripts cost.
    from confusable_homoglyphs.confusables import is_confusable

    alike = is_confusable(letters, greedy=True, preferred_aliases=["latin"]) or []
    return {one["character"] for one in alike} == set(letters)


_LATIN: Final = frozenset(map(chr, range(0xC0, 0x180))) - {"\u0131"}
"""Letters of European languages, that stand in words with ASCII letters."""

_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159\u16fe4")
"""Letters and signs without ink. Unicode has no property that names them all."""
