"""Prompts, resources and resource templates: what changed for those who use them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from mcp_sdkgen_runtime.schema.compat import Change, Finding, Severity, change, wording
from mcp_sdkgen_runtime.schema.references import escape

from ..lower.uri_templates import variables, without_queries

Json = dict[str, Any]


def prompt_changes(old: Iterable[Any], new: Iterable[Any]) -> Iterator[Change]:
    """What changed among the prompts."""
    yield from _paired("prompt", "name", old, new)


def resource_changes(old: Iterable[Any], new: Iterable[Any]) -> Iterator[Change]:
    """What changed among the resources."""
    yield from _paired("resource", "uri", old, new)


def template_changes(old: Iterable[Any], new: Iterable[Any]) -> Iterator[Change]:
    """What changed among the resource templates."""
    yield from _paired("resource_template", "name", old, new)


_GONE = {
    "prompt": "code that asks for it fails",
    "resource": "code that reads it fails",
    "resource_template": "code that reads through it fails",
}


def _paired(subject: str, mark: str, old: Iterable[Any], new: Iterable[Any]) -> Iterator[Change]:
    before, after = _keyed(mark, old), _keyed(mark, new)
    for place in dict.fromkeys((*before, *after)):
        name, _ = place
        was, now = before.get(place), after.get(place)
        if now is None:
            finding = Finding("removed", "", Severity.BREAKING, "is gone", _GONE[subject])
            yield change(subject, name, "", finding)
        elif was is None:
            yield change(subject, name, "", Finding("added", "", Severity.COMPATIBLE, "is new"))
        elif was != now:
            details = list(_DETAILS[subject](was, now)) + list(_texts(was, now))
            if not details:
                what = "is written differently; it means the same"
                details = [("", Finding("rewritten", "", Severity.TEXT, what))]
            for part, finding in details:
                yield change(subject, name, part, finding)


def _keyed(mark: str, entries: Iterable[Any]) -> dict[tuple[str, int], Json]:
    keyed: dict[tuple[str, int], Json] = {}
    counts: Counter[str] = Counter()
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        name = str(entry.get(mark, ""))
        keyed[name, counts[name]] = entry
        counts[name] += 1
    return keyed


_STRUCTURE = {"arguments", "uriTemplate", "uri", "mimeType"}


def _texts(old: Json, new: Json) -> Iterator[tuple[str, Finding]]:
    for word in dict.fromkeys((*old, *new)):
        if word not in _STRUCTURE and old.get(word) != new.get(word):
            pointer = "/" + escape(word)
            was, now = old.get(word), new.get(word)
            yield word, Finding(
                "text-changed", pointer, Severity.TEXT, wording.step(word, was, now), "",
                wording.short(was), wording.short(now),
            )  # fmt: skip


def _prompt(old: Json, new: Json) -> Iterator[tuple[str, Finding]]:
    before, after = _arguments(old), _arguments(new)
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        finding = _argument(name, was, now)
        if finding is not None:
            yield "arguments", finding
        if was and now and _described(was[1]) != _described(now[1]):
            yield "arguments", _redescribed(name, was[1], now)


def _redescribed(name: str, was: Json, now: tuple[int, Json]) -> Finding:
    before, after = _described(was), _described(now[1])
    changed = [w for w in dict.fromkeys((*before, *after)) if before.get(w) != after.get(w)]
    steps = (wording.step(word, before.get(word), after.get(word)) for word in changed)
    what = f"argument {wording.code(name)} {'; '.join(steps)}"
    return Finding("description-changed", f"/arguments/{now[0]}", Severity.TEXT, what)


def _described(argument: Json) -> Json:
    return {word: value for word, value in argument.items() if word != "required"}


def _argument(
    name: str, was: tuple[int, Json] | None, now: tuple[int, Json] | None
) -> Finding | None:
    noun = f"argument {wording.code(name)}"
    if now is None:
        pointer = f"/arguments/{was[0] if was else 0}"
        why = "calls that pass it fail"
        return Finding("argument-removed", pointer, Severity.BREAKING, f"{noun} is gone", why)
    pointer = f"/arguments/{now[0]}"
    needs = now[1].get("required") is True
    if was is None and needs:
        what, why = f"{noun} is new and required", "calls that do not pass it fail"
        return Finding("required-argument-added", pointer, Severity.BREAKING, what, why)
    if was is None:
        what = f"{noun} is new and optional"
        return Finding("argument-added", pointer, Severity.COMPATIBLE, what)
    if needs == (was[1].get("required") is True):
        return None
    if needs:
        what, why = f"{noun} was optional, is required", "calls that leave it out fail"
        return Finding("argument-made-required", pointer, Severity.BREAKING, what, why)
    what = f"{noun} was required, is optional"
    return Finding("argument-made-optional", pointer, Severity.COMPATIBLE, what)


def _arguments(prompt: Json) -> dict[str, tuple[int, Json]]:
    listed = prompt.get("arguments")
    return {
        str(argument.get("name", "")): (index, argument)
        for index, argument in enumerate(listed if isinstance(listed, list) else ())
        if isinstance(argument, dict)
    }


def _resource(old: Json, new: Json) -> Iterator[tuple[str, Finding]]:
    was, now = old.get("mimeType"), new.get("mimeType")
    if was == now:
        return
    retyped = isinstance(was, str) and isinstance(now, str) and _media(was) != _media(now)
    what = wording.step("mimeType", was, now)
    if retyped:
        what = f"media type was {wording.code(str(was))}, is {wording.code(str(now))}"
    yield "mimeType", Finding(
        "media-type-changed", "/mimeType", Severity.BREAKING if retyped else Severity.TEXT, what,
        "code that reads the old type can fail", was, now,
    )  # fmt: skip


def _media(mime: str) -> str:
    return mime.partition(";")[0].strip().lower()


def _template(old: Json, new: Json) -> Iterator[tuple[str, Finding]]:
    was, now = str(old.get("uriTemplate", "")), str(new.get("uriTemplate", ""))
    if was != now:
        yield "uriTemplate", _address(was, now)
    yield from _resource(old, new)


def _address(was: str, now: str) -> Finding:
    before, after = _variables(was), _variables(now)
    gone = [name for name in before if name not in after]
    added = [name for name in after if name not in before]
    pointer = "/uriTemplate"
    if gone:
        what, why = f"variable {wording.names(gone)} is gone", "calls that pass it fail"
        return Finding("variable-removed", pointer, Severity.BREAKING, what, why, was, now)
    if any(not after[name] for name in added):
        what, why = f"variable {wording.names(added)} is new", "calls that do not pass it fail"
        return Finding("variable-added", pointer, Severity.BREAKING, what, why, was, now)
    if added and _is_longer_query(was, now):
        what = f"variable {wording.names(added)} is new and optional"
        return Finding("variable-added", pointer, Severity.COMPATIBLE, what, "", was, now)
    what = f"address was {wording.code(was)}, is {wording.code(now)}"
    why = "an older SDK asks for the old address"
    return Finding("address-changed", pointer, Severity.BREAKING, what, why, was, now)


def _is_longer_query(was: str, now: str) -> bool:
    with suppress(ValueError):
        return without_queries(was) == without_queries(now)
    return False


def _variables(template: str) -> dict[str, bool]:
    """The names in a URI template, and whether each may be left out; none when it is broken."""
    try:
        return {variable.name: variable.is_optional for variable in variables(template)}
    except ValueError:
        return {}


_DETAILS = {"prompt": _prompt, "resource": _resource, "resource_template": _template}
