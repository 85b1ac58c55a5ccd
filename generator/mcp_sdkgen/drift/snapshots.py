"""Two snapshots → their drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from mcp_sdkgen_runtime.schema.compat import (
    Change,
    Drift,
    Finding,
    Severity,
    change,
    tool_changes,
    tool_removed,
    wording,
)
from mcp_sdkgen_runtime.schema.definitions import digest
from mcp_sdkgen_runtime.schema.references import escape

from ..json_io import Json
from ..snapshot import Snapshot, ToolDefinition
from .prompts_resources import prompt_changes, resource_changes, template_changes


def compare(old: Snapshot, new: Snapshot) -> Drift:
    """What changed from `old` to `new`, and what each change costs callers.

    A function of its two arguments that never raises. The result is empty exactly when both
    snapshots have the same digest.
    """
    if old.digest == new.digest:
        return Drift()
    changes = [
        *_server(old, new),
        *_tools(old.tools, new.tools, old.edition),
        *prompt_changes(old.prompts, new.prompts),
        *resource_changes(old.resources, new.resources),
        *template_changes(old.resource_templates, new.resource_templates),
    ]
    if not changes:
        what = "the snapshot is written differently; it means the same"
        changes = [change("server", new.server, "", _finding("rewritten", what))]
    return Drift.of(changes)


def _finding(kind: str, what: str, severity: Severity = Severity.TEXT) -> Finding:
    return Finding(kind, "", severity, what)


def _server(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    if old.server != new.server:
        what = f"was called {wording.code(old.server)}, is {wording.code(new.server)}"
        why = "imports of the SDK fail"
        finding = Finding(
            "server-renamed", "", Severity.BREAKING, what, why, old.server, new.server
        )
        yield change("server", new.server, "name", finding)
    for word in dict.fromkeys((*old.server_info, *new.server_info)):
        was, now = old.server_info.get(word), new.server_info.get(word)
        if was != now:
            what = f"{wording.code(word)} was {wording.value(was)}, is {wording.value(now)}"
            if was is None or now is None:
                what = f"{wording.code(word)} is {'new' if was is None else 'no longer given'}"
            pointer = "/server_info/" + escape(word)
            short = wording.short(was), wording.short(now)
            finding = Finding("server-info-changed", pointer, Severity.TEXT, what, "", *short)
            yield change("server", new.server, "server_info", finding)
    if old.instructions != new.instructions:
        what = wording.step("instructions", old.instructions or None, new.instructions or None)
        finding = Finding(
            "instructions-changed", "/instructions", Severity.TEXT, what, "",
            wording.short(old.instructions), wording.short(new.instructions),
        )  # fmt: skip
        yield change("server", new.server, "instructions", finding)
    if old.protocol_version != new.protocol_version:
        was, now = old.protocol_version, new.protocol_version
        what = f"protocol version was {wording.code(was)}, is {wording.code(now)}"
        if not (was and now):
            what = f"protocol version is {'no longer given' if was else 'now given'}"
        finding = Finding(
            "protocol-changed", "/protocol_version", Severity.COMPATIBLE, what, "", was, now
        )
        yield change("server", new.server, "protocol_version", finding)
    for word in dict.fromkeys((*old.capabilities, *new.capabilities)):
        yield from _capability(new.server, word, old.capabilities, new.capabilities)


def _capability(server: str, word: str, old: Json, new: Json) -> Iterator[Change]:
    was, now = old.get(word), new.get(word)
    if was == now and (word in old) == (word in new):
        return
    state = f"{wording.code(word)} is {'new' if word not in old else 'gone'}"
    if word in old and word in new:
        state = wording.step(word, was, now)
    pointer = "/capabilities/" + escape(word)
    finding = Finding(
        "capability-changed", pointer, Severity.COMPATIBLE,
        f"capability {state}", "", wording.short(was), wording.short(now),
    )  # fmt: skip
    yield change("server", server, "capabilities", finding)


def _tools(
    old: Iterable[ToolDefinition], new: Iterable[ToolDefinition], edition: int
) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    gone: list[ToolDefinition] = []
    added: list[ToolDefinition] = []
    for name in dict.fromkeys((*before, *after)):
        was, now = _without_equals(before.get(name, []), after.get(name, []))
        for one, two in zip(was, now, strict=False):
            yield from tool_changes(one.definition, two.definition, edition)
        gone += was[len(now) :]
        added += now[len(was) :]
    bodies = {_body(tool): tool.name for tool in added}
    for tool in gone:
        what = "is gone"
        if len(before[tool.name]) > 1:
            what = f"one of its {len(before[tool.name])} definitions is gone"
        elif (called := bodies.get(_body(tool))) is not None:
            what = f"is now called {wording.code(called)}"
        yield tool_removed(tool.name, what)
    for tool in added:
        yield change("tool", tool.name, "", _finding("added", "is new", Severity.COMPATIBLE))


def _by_name(tools: Iterable[ToolDefinition]) -> dict[str, list[ToolDefinition]]:
    named: dict[str, list[ToolDefinition]] = {}
    for tool in tools:
        named.setdefault(tool.name, []).append(tool)
    return named


def _without_equals(
    old: list[ToolDefinition], new: list[ToolDefinition]
) -> tuple[list[ToolDefinition], list[ToolDefinition]]:
    return _beyond(old, new), _beyond(new, old)


def _beyond(some: list[ToolDefinition], others: list[ToolDefinition]) -> list[ToolDefinition]:
    """Those of `some` that have no equal in `others`, each of which is the equal of one only."""
    equals = Counter(tool.digest for tool in others)
    left = []
    for tool in some:
        if equals[tool.digest]:
            equals[tool.digest] -= 1
        else:
            left.append(tool)
    return left


def _body(tool: ToolDefinition) -> str:
    return digest({word: part for word, part in tool.definition.items() if word != "name"})
