"""One tool's two definitions → what changed for its callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..references import escape
from ..wrapper import wrapper_key
from . import wording
from .change import Change, Severity
from .containment import Side
from .relation import Finding, relation, whole
from .view import key as canonical

Json = dict[str, Any]

_ABSENT = "absent"


def tool_changes(old: Json, new: Json, edition: int = 1) -> list[Change]:
    """What changed from one definition of a tool to the next; never empty when they differ.

    `edition` is that of the SDK which is built anew from the next one, and says which results are
    the value in a wrapper (see `wrapper_key`), and which are tuples. The first is right for an SDK
    that stays as it is: it goes on taking its value out of an answer that has other fields besides.
    """
    findings = [
        *(("input", finding) for finding in _inputs(old, new)),
        *(("output", finding) for finding in _outputs(old, new, edition)),
        *(("annotations", finding) for finding in _annotations(old, new)),
        *_rest(old, new),
    ]
    if not findings and _differ(old, new):
        findings = [("", _text("rewritten", "", "is written differently; it means the same"))]
    name = str(new.get("name", ""))
    return [change("tool", name, part, finding) for part, finding in findings]


def _differ(one: Any, other: Any) -> bool:
    """Whether two values are different JSON; in Python, false and 0 are equal."""
    return canonical(one) != canonical(other)


def tool_removed(name: str, what: str = "is gone") -> Change:
    """The change of a tool that the server no longer has."""
    finding = Finding("removed", "", Severity.BREAKING, what, "code that calls it fails")
    return change("tool", name, "", finding)


def change(subject: str, name: str, part: str, finding: Finding) -> Change:
    """A finding as a change of `name`."""
    return Change(
        finding.kind, subject, name, part, finding.pointer, finding.severity, finding.message,
        finding.old, finding.new,
    )  # fmt: skip


def _text(kind: str, pointer: str, what: str, old: Any = None, new: Any = None) -> Finding:
    return Finding(kind, pointer, Severity.TEXT, what, "", wording.short(old), wording.short(new))


def _inputs(old: Json, new: Json) -> Iterator[Finding]:
    pointer = "/inputSchema"
    was, now = (definition.get("inputSchema", {"type": "object"}) for definition in (old, new))
    if _differ(was, now):
        yield from _dialect(was, now, pointer)
        yield from relation(whole(was, pointer), whole(now, pointer), Side.INPUT)


def _outputs(old: Json, new: Json, edition: int) -> Iterator[Finding]:
    pointer = "/outputSchema"
    was, now = old.get("outputSchema"), new.get("outputSchema")
    if (was is None) != (now is None):
        added = was is None
        yield Finding(
            "output-schema-added" if added else "output-schema-removed", pointer,
            Severity.BREAKING,
            "the result was unstructured, is typed" if added
            else "the result was typed, is unstructured",
            "code that reads its text or content blocks fails" if added
            else "code that reads its fields fails",
            _ABSENT if added else None, None if added else _ABSENT,
        )  # fmt: skip
        return
    if not _differ(was, now):
        return
    before, after = whole(was, pointer), whole(now, pointer)
    tuples = edition > 2
    key, new_key = wrapper_key(was, edition), wrapper_key(now, edition)
    if key != new_key:
        yield _wrapper_changed(key, new_key, pointer)
        return
    yield from _dialect(was, now, pointer)
    if key is None:
        yield from relation(before, after, Side.OUTPUT, titled=True, tuples=tuples)
        return
    inner = before.at("properties", key), after.at("properties", key)
    findings = relation(*inner, Side.OUTPUT, tuples=tuples)
    yield from findings
    if not any(finding.severity is Severity.BREAKING for finding in findings):
        around = relation(before, after, Side.OUTPUT, tuples=tuples)
        yield from (f for f in around if f.severity is Severity.BREAKING)


def _wrapper_changed(old: str | None, new: str | None, pointer: str) -> Finding:
    kind = "wrapper-changed" if old and new else "wrapper-added" if new else "wrapper-removed"
    was = f"the value in {wording.code(old)}" if old else "the whole answer"
    now = f"the value in {wording.code(new)}" if new else "the whole answer"
    return Finding(
        kind, pointer, Severity.BREAKING, f"the result was {was}, is {now}",
        "the method returns something else",
    )  # fmt: skip


def _dialect(was: Any, now: Any, pointer: str) -> Iterator[Finding]:
    before, after = (
        schema.get("$schema") if isinstance(schema, dict) else None for schema in (was, now)
    )
    if before != after:
        what = wording.step("$schema", before, after)
        yield _text("dialect-changed", f"{pointer}/$schema", what, before, after)


_HINTS: tuple[tuple[str, str, str], ...] = (
    ("readOnlyHint", "was read-only, may now change things", "could change things, is read-only"),
    (
        "destructiveHint",
        "did not destroy anything, may now do so",
        "could destroy something, no longer does",
    ),
    (
        "idempotentHint",
        "could be repeated without further effect, now each call can have a further effect",
        "can now be repeated without further effect",
    ),
    (
        "openWorldHint",
        "worked on a closed set of things, may now reach the outside world",
        "could reach the outside world, now works on a closed set of things",
    ),
)  # fmt: skip
_WHY = {
    "readOnlyHint": "code that calls it without approval can do harm",
    "destructiveHint": "code that calls it without approval can destroy data",
    "idempotentHint": "code that retries it can do things twice",
}


def _annotations(old: Json, new: Json) -> Iterator[Finding]:
    was, now = old.get("annotations"), new.get("annotations")
    if was == now:
        return
    before, after = _safe(was), _safe(now)
    found = False
    for hint, worse, better in _HINTS:
        if before[hint] == after[hint]:
            continue
        if hint == "idempotentHint" and before["readOnlyHint"] != after["readOnlyHint"]:
            continue
        found = True
        breaking = before[hint] and hint in _WHY
        yield Finding(
            f"{hint.removesuffix('Hint').lower()}-{'lost' if before[hint] else 'gained'}",
            f"/annotations/{hint}",
            Severity.BREAKING if breaking else Severity.COMPATIBLE,
            worse if before[hint] else better,
            _WHY.get(hint, ""),
            _hint(was, hint),
            _hint(now, hint),
        )
    before_title, after_title = _hint(was, "title"), _hint(now, "title")
    if before_title != after_title:
        what = wording.step("annotations.title", before_title, after_title)
        yield _text("title-changed", "/annotations/title", what, before_title, after_title)
    elif not found:
        what = f"{wording.step('annotations', was, now)}; they mean the same"
        yield _text("annotations-changed", "/annotations", what, was, now)


def _hint(annotations: Any, hint: str) -> Any:
    return annotations.get(hint) if isinstance(annotations, dict) else None


def _safe(annotations: Any) -> dict[str, bool]:
    """For each hint whether callers are on the safe side, with the specification's defaults."""

    def stated(hint: str, default: bool) -> bool:
        found = _hint(annotations, hint)
        return found if isinstance(found, bool) else default

    reads = stated("readOnlyHint", False)
    return {
        "readOnlyHint": reads,
        "destructiveHint": reads or not stated("destructiveHint", True),
        "idempotentHint": reads or stated("idempotentHint", False),
        "openWorldHint": not stated("openWorldHint", True),
    }


_HANDLED = {"name", "inputSchema", "outputSchema", "annotations", "execution"}


def _rest(old: Json, new: Json) -> Iterator[tuple[str, Finding]]:
    if old.get("execution") != new.get("execution"):
        yield "execution", _execution(old.get("execution"), new.get("execution"))
    for word in dict.fromkeys((*old, *new)):
        if word in _HANDLED or old.get(word, _ABSENT) == new.get(word, _ABSENT):
            continue
        known = word in ("title", "description")
        yield (
            word,
            _text(
                f"{word}-changed" if known or word == "icons" else "field-changed",
                "/" + escape(word),
                wording.step(word, old.get(word), new.get(word)),
                old.get(word),
                new.get(word),
            ),
        )


def _execution(old: Any, new: Any) -> Finding:
    was, now = _hint(old, "taskSupport"), _hint(new, "taskSupport")
    breaking = now == "required" and was != now
    return Finding(
        "task-required" if breaking else "execution-changed",
        "/execution",
        Severity.BREAKING if breaking else Severity.COMPATIBLE,
        "must now be run as a task" if breaking else _executed(old, new),
        "calls that are not run as tasks are refused",
        wording.short(old),
        wording.short(new),
    )


def _executed(old: Any, new: Any) -> str:
    """Each field of `execution` that changed."""
    if not (isinstance(old or {}, dict) and isinstance(new or {}, dict)):
        return wording.step("execution", old, new)
    fields = dict.fromkeys((*(old or {}), *(new or {})))
    changed = [word for word in fields if _hint(old, word) != _hint(new, word)]
    steps = (wording.step(f"execution.{w}", _hint(old, w), _hint(new, w)) for w in changed)
    return "; ".join(steps) or wording.step("execution", old, new)
