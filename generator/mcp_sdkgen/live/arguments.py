"""Words of a command line → the arguments of a tool, each typed as the tool's schema says.

    name=value          text, number, true, false: what the schema wants there
    name:=JSON          any JSON value, as it is
    name=@FILE          the text of a file; name:=@FILE its JSON
    address.city=Oslo   a field inside an object; steps.0.name=… one inside a list
    tag=a tag=b         a list, where the schema wants one
    {…}  @FILE  -       all arguments as one JSON object: here, in a file, on stdin

Names are the server's or Python's. A reading that is not plain is an error, never a guess.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeAlias

from mcp_sdkgen_runtime.text import NOT_UNICODE, is_unicode

from ..errors import ConfigError, SnapshotError
from ..json_io import parse_json, read_bounded
from ..lower.draft import Draft
from ..names import field_names
from ..schema.subset import ANY, REF, Type, item_at, members
from ..text import one_line
from .values import Misread, described, example, value_of

_WORD: Final = re.compile(r"(?P<name>[^=]*?)(?P<sign>:?=)(?P<text>.*)", re.DOTALL)
_SHOWN_NAMES: Final = 12
_QUOTED: Final = """in JSON, text stands in quotes: name:='"text"'"""

Place: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True)
class _Given:
    """One value that was given: as text for the schema to type, or as JSON, which is as it is."""

    name: str
    data: Any
    is_json: bool


def read_arguments(words: Sequence[str], draft: Draft, *, is_server: bool = True) -> dict[str, Any]:
    """The arguments that the words mean, by wire name. `is_server` says that they are for a server,
    which may take more than its schema names.

    Reads the files that they name, and stdin for `-`. Whether the values fit the rest of the
    schema is not looked at. Raises `ConfigError` that names the argument, what was expected, and
    the nearest name for one that is unknown.
    """
    whole: dict[str, Any] = {}
    given: dict[Place, list[_Given]] = {}
    types: dict[Place, Type] = {}
    names = _Names(draft, is_server=is_server)
    for word in words:
        if word.startswith("{") or word.startswith("@") or word == "-":
            whole |= _object(word, whole)
            continue
        one = _given(word, draft)
        place, type_ = names.find(one.name)
        given.setdefault(place, []).append(one)
        types[place] = type_
    found = names.wires(whole)
    for place, values in given.items():
        _put(found, place, _value(values, types[place]), values[0].name)
    arguments: dict[str, Any] = _lists(found, "")
    _check_unicode(arguments)
    _check_complete(arguments, draft)
    return arguments


def _check_unicode(arguments: dict[str, Any]) -> None:
    for name, value in arguments.items():
        if not is_unicode(json.dumps({name: value}, ensure_ascii=False)):
            raise ConfigError(
                f"argument {one_line(name, 80)!r}: {NOT_UNICODE}",
                hint="is it text in another encoding than UTF-8?",
            )


def _object(word: str, before: dict[str, Any]) -> dict[str, Any]:
    where, text = "the JSON object", word
    if word == "-":
        where, text = "stdin", sys.stdin.read()
    elif word.startswith("@"):
        where, text = word[1:], _file_text(word[1:])
    found = _json(text, where)
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: the arguments are a JSON object", hint='such as {"id": 7}')
    if twice := sorted(found.keys() & before.keys()):
        raise ConfigError(f"argument {twice[0]!r} is given by two JSON objects")
    return found


def _given(word: str, draft: Draft) -> _Given:
    match = _WORD.fullmatch(word)
    if match is None or not match["name"]:
        known = ", ".join(f"{argument.wire}=…" for argument in draft.arguments[:_SHOWN_NAMES])
        raise ConfigError(
            f"{word[:80]!r} is no argument: write NAME=VALUE, or one JSON object",
            hint=f"it takes {known or 'no arguments'}",
        )
    name, text = match["name"], match["text"]
    is_json = match["sign"] == ":="
    where = f"argument {name!r}"
    if text.startswith("@"):
        where, text = f"argument {name!r}: {text[1:]}", _file_text(text[1:])
    return _Given(name, _json(text, where) if is_json else text, is_json)


def _json(text: str, where: str) -> Any:
    try:
        return parse_json(text, where)
    except SnapshotError as error:
        is_text = text[:1] not in ("[", "{")
        hint = _QUOTED if is_text else "write the value as JSON, and all of it in quotes of a shell"
        raise ConfigError(str(error), hint=hint) from None


def _file_text(path: str) -> str:
    try:
        return read_bounded(Path(path).expanduser())
    except SnapshotError as error:
        raise ConfigError(str(error), hint="after @ stands the name of a file with text") from None


class _Names:
    """Which place in the arguments a name means, and what may stand there."""

    def __init__(self, draft: Draft, *, is_server: bool) -> None:
        self._draft = draft
        self._is_server = is_server
        self._top = {argument.wire: argument.type for argument in draft.arguments}
        self._python = {argument.name: argument.wire for argument in draft.arguments}

    def wires(self, given: dict[str, Any]) -> dict[str, Any]:
        """Arguments of a JSON object by wire name; names that are unknown stay."""
        found: dict[str, Any] = {}
        for name, value in given.items():
            wire = name if name in self._top else self._python.get(name, name)
            if wire in found:
                raise ConfigError(f"argument {wire!r} is given under two names")
            found[wire] = value
        return found

    def find(self, name: str) -> tuple[Place, Type]:
        """The place and its type. Raises `ConfigError` for a name that the schema does not have."""
        first, rest = _longest(name, [*self._top, *self._python])
        wire = first if first in self._top else self._python.get(first, "")
        if wire:
            return self._below((wire,), self._top[wire], rest)
        if self._draft.extra is None:
            raise _unknown(name, first, [*self._top], "", is_server=self._is_server)
        key, rest = _free_key(name, self._draft.extra)
        return self._below((key,), self._draft.extra, rest)

    def _below(self, place: Place, type_: Type, rest: str) -> tuple[Place, Type]:
        while rest:
            place, type_, rest = self._step(place, type_, rest)
        return place, type_

    def _step(self, place: Place, type_: Type, rest: str) -> tuple[Place, Type, str]:
        kinds = members(type_)
        properties = {
            one.wire: one.type
            for kind in kinds
            if "$ref" in kind
            for one in self._draft.models[kind["$ref"].removeprefix(REF)].properties
        }
        python = dict(zip(field_names([*properties]), properties, strict=True))
        first, after = _longest(rest, [*properties, *python])
        wire = first if first in properties else python.get(first, "")
        if wire:
            return (*place, wire), properties[wire], after
        for kind in kinds:
            if kind.get("type") == "array" and first.isdecimal() and first.isascii():
                return (*place, int(first)), item_at(kind, int(first)), after
            if kind.get("type") == "object":
                key, after = _free_key(rest, kind["additionalProperties"])
                return (*place, key), kind["additionalProperties"], after
            if kind == ANY:
                return (*place, first), ANY, after
        name = ".".join(map(str, place))
        if properties:
            place_words = f" in {name}"
            raise _unknown(
                f"{name}.{rest}", first, [*properties], place_words, is_server=self._is_server
            )
        raise ConfigError(
            f"argument {name!r}: expected {described(type_)}, which has no {first[:80]!r} in it",
            hint=f"write {name}=…, or {name}:=JSON",
        )


def _longest(name: str, known: Iterable[str]) -> tuple[str, str]:
    """The longest known name that `name` begins with, else its first part; and what is left.

    The server's names may have dots of their own.
    """
    fitting = [one for one in known if name == one or name.startswith(f"{one}.")]
    first = max(fitting, key=len) if fitting else name.partition(".")[0]
    return first, name[len(first) + 1 :]


def _free_key(name: str, type_: Type) -> tuple[str, str]:
    """A key that the schema does not name, and what is left: nothing where the value is a scalar,
    so that the key may have dots."""
    if any(
        kind == ANY or "$ref" in kind or kind.get("type") in ("array", "object")
        for kind in members(type_)
    ):
        first, _, rest = name.partition(".")
        return first, rest
    return name, ""


def _unknown(
    name: str, part: str, known: Sequence[str], where: str, *, is_server: bool
) -> ConfigError:
    near = get_close_matches(part, known, n=1)
    if near:
        hint = f"perhaps {one_line(near[0], 80)!r} is meant"
    else:
        some = ", ".join(one_line(each, 80) for each in known[:_SHOWN_NAMES])
        more = ", …" if len(known) > _SHOWN_NAMES else ""
        hint = f"it takes {some}{more}" if some else "it takes none"
    if is_server:
        hint += "; to send another name all the same, give a JSON object"
    return ConfigError(f"argument {name[:160]!r}: there is no {part[:80]!r}{where}", hint=hint)


def _value(values: list[_Given], type_: Type) -> Any:
    name = values[0].name
    try:
        if len(values) == 1:
            return _one(values[0], type_)
        items = [kind for kind in members(type_) if kind == ANY or kind.get("type") == "array"]
        if not items:
            raise Misread(f"is given {len(values)} times, and takes one value", "")
        return [
            _one(one, item_at(items[0], index), in_list=True) for index, one in enumerate(values)
        ]
    except Misread as wrong:
        hint = wrong.hint or f"for example {example(name, type_)}"
        raise ConfigError(f"argument {name!r} {wrong}", hint=hint) from None


def _one(given: _Given, type_: Type, *, in_list: bool = False) -> Any:
    if given.is_json:
        return given.data
    return value_of(given.data, type_, given.name, in_list=in_list)


def _put(into: dict[Any, Any], place: Place, value: Any, name: str) -> None:
    """Place a value; lists are dicts by index until all is known."""
    for number, part in enumerate(place[:-1]):
        inner = into.setdefault(part, {})
        if not isinstance(inner, dict):
            whole = ".".join(map(str, place[: number + 1]))
            raise ConfigError(f"argument {whole!r} is given as a whole and, as {name!r}, in parts")
        into = inner
    if place[-1] in into:
        raise ConfigError(f"argument {name!r} is given as a whole and in parts, or twice")
    into[place[-1]] = value


def _lists(found: Any, name: str) -> Any:
    if not isinstance(found, dict):
        return found
    inner = {key: _lists(value, f"{name}.{key}".lstrip(".")) for key, value in found.items()}
    if not any(isinstance(key, int) for key in inner):
        return inner
    if sorted(map(str, inner)) != sorted(map(str, range(len(inner)))):
        raise ConfigError(
            f"argument {name!r}: its items are numbered from 0, without gaps",
            hint=f"write {name}.0…, {name}.1…, or {name}:=[…]",
        )
    return [inner[index] for index in range(len(inner))]


def _check_complete(arguments: dict[str, Any], draft: Draft) -> None:
    missing = [a for a in draft.arguments if a.required and a.wire not in arguments]
    if missing:
        listed = ", ".join(f"{one.wire!r} ({described(one.type)})" for one in missing)
        plural = "s" if len(missing) > 1 else ""
        near = sorted(_near(arguments, [one.wire for one in missing]))
        hint = (
            f"did you mean {near[0]}?"
            if near
            else "write " + " ".join(example(one.wire, one.type) for one in missing)
        )
        raise ConfigError(one_line(f"argument{plural} missing: {listed}"), hint=one_line(hint))


def _near(given: Iterable[str], missing: Sequence[str]) -> Iterator[str]:
    for name in given:
        for near in get_close_matches(name, missing, n=1):
            yield f"{near!r} for {name!r}"
