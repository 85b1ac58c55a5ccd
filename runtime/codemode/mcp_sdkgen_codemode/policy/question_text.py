"""What a person is shown of a call before it is approved: every argument, and nothing hidden.

The words come from a program that may want to be approved for something else than it shows. So
every value stands under its own key and is shortened by itself, a question that cannot show all
values says so, and characters that could be missed or mistaken are spelled out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from .plain_text import ascii_only, plain
from .services import named

HEAD_CHARS: Final = 160
"""Characters of a value that are shown from its start; a longer value is shortened."""
TAIL_CHARS: Final = 80
"""Characters of a shortened value that are shown from its end."""
MAX_VALUES: Final = 60
"""Values that a question shows; with more, the question says that it is not whole."""
_MAX_INDENT: Final = 20


def request_text(server: str, label: str, arguments: Mapping[str, Any], why: str) -> str:
    """What a person is shown: server, tool and the arguments as they will be sent.

    Server, kind and name stand in lines of their own, quoted and shortened; `label` is
    `services.labelled`. One line for each value, under its path (`message.to[0]: "…"`). What is
    longer than `HEAD_CHARS` and `TAIL_CHARS` together, a name or a path as well as a value, shows
    both ends and how much is between them. Names and keys are in ASCII. Safe for a terminal.
    """
    shown = [*islice(_values(arguments), MAX_VALUES)] if arguments else []
    lines = [f"  {_shortened(one.path)}: {_shortened(one.text)}" for one in shown]
    if (count := _count(arguments)) > MAX_VALUES:
        lines.append(f"  NOT SHOWN: {count - MAX_VALUES} of {count} values")
    return "\n".join([_heading(server, label, why), *(lines or ["  (no arguments)"])])


def full_text(server: str, label: str, arguments: Mapping[str, Any], why: str) -> str:
    """All that `request_text` may leave out: every key and value in full, each once, in lines that
    are indented as far as the values are nested."""
    lines = all_values(arguments) if arguments else ["  (no arguments)"]
    return "\n".join([_heading(server, label, why, whole=True), *lines])


def all_values(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Every key and value, in lines that are indented as far as the values are nested."""
    return _tree(arguments, 1)


def is_whole(server: str, label: str, arguments: Mapping[str, Any]) -> bool:
    """Whether `request_text` shows all of the call."""
    if max(len(_quoted(server)), len(_quoted(label))) > HEAD_CHARS + TAIL_CHARS:
        return False
    shown = [*islice(_values(arguments), MAX_VALUES + 1)]
    return len(shown) <= MAX_VALUES and all(
        one.is_whole and max(len(one.path), len(one.text)) <= HEAD_CHARS + TAIL_CHARS
        for one in shown
    )


def call_name(server: str, label: str) -> str:
    """`SERVER/TOOL` in a line with others: a part that is no plain word is quoted and shortened."""
    return "/".join(
        part if _PLAIN_NAME.fullmatch(part) else _shortened(_quoted(part))
        for part in (server, label)
    )


def _heading(server: str, label: str, why: str, *, whole: bool = False) -> str:
    name, kind = named(label)
    lines = (("Server", _quoted(server)), (kind.capitalize(), _quoted(name)))
    shown = [f"{what}: {text if whole else _shortened(text)}" for what, text in lines]
    return "\n".join([*shown, f"Why: {plain(why)}"])


def _quoted(name: str) -> str:
    return ascii_only(json.dumps(name, ensure_ascii=False))


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
    return (
        key if _PLAIN_KEY.fullmatch(key) else f"[{ascii_only(json.dumps(key, ensure_ascii=False))}]"
    )


def _shortened(value: str) -> str:
    left_out = len(value) - HEAD_CHARS - TAIL_CHARS
    if left_out <= 0:
        return plain(value)
    head, tail = plain(value[:HEAD_CHARS]), plain(value[-TAIL_CHARS:])
    return f"{head} … {left_out} characters left out … {tail}"


_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,100}", re.ASCII)
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
