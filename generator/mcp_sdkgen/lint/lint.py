"""A snapshot → what could be better in it: a pure function."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..diagnostic import Diagnostic, Level
from ..json_io import Json
from ..lower import lower
from ..lower.draft import Draft
from ..snapshot import Snapshot
from ..text import one_line
from .finding import Finding, Lint, ToolLint
from .hosts import HostFinding, of_hosts
from .naming import is_renamed
from .rules import RULES
from .schemas import of_input, of_output

LONG_DESCRIPTION = 1024
"""Characters: what some clients cut a tool's description to."""
MANY_ARGUMENTS = 20

_VAGUE = {
    "action", "call", "data", "do", "execute", "get", "handle", "info", "invoke", "main", "manage",
    "perform", "process", "run", "set", "test", "tool", "update", "use",
}  # fmt: skip
_JSON = re.compile(r"\bJSON\b", re.IGNORECASE)
_RETURNS = re.compile(r"\breturn(s|ed|ing)?\b", re.IGNORECASE)
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def lint(snapshot: Snapshot) -> Lint:
    """What in a server's tool list makes its SDK worse. Never raises for what a server says."""
    lowered = lower(snapshot, ())
    hosts = tuple(of_hosts(snapshot.tools))
    tools = []
    for one in lowered.tools:
        name = one.draft.tool.name
        own = [each for each in lowered.diagnostics if each.tool == name]
        refused = [each for each in hosts if each.tool == name and each.code in RULES]
        tools.append(ToolLint(name, (*_of_tool(one.draft), *_refused(refused), *_as_findings(own))))
    wire = {one.tool for one in tools}
    others = [each for each in lowered.diagnostics if each.tool not in wire]
    rest = [*snapshot.diagnostics, *(each for each in others if each not in snapshot.diagnostics)]
    return Lint(snapshot.server, tuple(tools), tuple(_as_findings(rest)), hosts)


def _refused(hosts: Sequence[HostFinding]) -> Iterator[Finding]:
    for each in hosts:
        yield Finding(each.code, each.rule.sentence, each.pointer)


def _as_findings(diagnostics: Sequence[Diagnostic]) -> Iterator[Finding]:
    """What the generator finds fault with; its notes cost nobody anything."""
    for each in diagnostics:
        if each.level is not Level.NOTE:
            yield Finding(each.code, each.message, each.pointer)


def _of_tool(draft: Draft) -> Iterator[Finding]:
    definition = draft.tool.definition
    if draft.result is None or not isinstance(definition.get("outputSchema"), dict):
        yield Finding("no-output-schema", "its results have no declared shape")
    elif draft.is_text and (draft.observed or _JSON.search(_words_of_result(draft))):
        message = "its results are JSON in a declared string, so their fields have no types"
        yield Finding("json-in-text-result", message, "/outputSchema")
    description = definition.get("description")
    if not isinstance(description, str) or not description.strip():
        yield Finding("no-description", "it has no description")
    elif len(description) > LONG_DESCRIPTION:
        message = f"its description has {len(description):,} characters"
        yield Finding("long-description", message, "/description")
    yield from _annotations(definition)
    yield from _name(draft)
    if len(draft.arguments) > MANY_ARGUMENTS:
        message = f"it takes {len(draft.arguments)} arguments"
        yield Finding("too-many-arguments", message, "/inputSchema")
    yield from of_input(draft)
    yield from of_output(draft)


def _words_of_result(draft: Draft) -> str:
    """What the server says that the tool gives back."""
    said = draft.tool.definition.get("description")
    whole = said if isinstance(said, str) else ""
    return draft.words.returns or (whole if _RETURNS.search(whole) else "")


def _annotations(definition: Json) -> Iterator[Finding]:
    found = definition.get("annotations")
    hints = found if isinstance(found, dict) else {}
    reads, destroys = hints.get("readOnlyHint"), hints.get("destructiveHint")
    if not isinstance(reads, bool):
        yield Finding("no-annotations", "it does not say whether it only reads", "/annotations")
    elif reads and destroys is True:
        message = "its annotations say both that it only reads and that it destroys"
        yield Finding("contradictory-annotations", message, "/annotations")
    elif not reads and not isinstance(destroys, bool):
        message = "it writes, and does not say whether it destroys"
        yield Finding("no-destructive-hint", message, "/annotations")
    if not any(
        isinstance(each, str) and each for each in (definition.get("title"), hints.get("title"))
    ):
        yield Finding("no-title", "it has no title")


def _name(draft: Draft) -> Iterator[Finding]:
    name = draft.tool.name
    shown = one_line(name, 60)
    if name.lower() in _VAGUE or len(name) < 3:
        yield Finding("unclear-name", f"`{shown}` does not tell what it does", "/name")
    if not _SAFE_NAME.fullmatch(name):
        yield Finding("odd-name", f"`{shown}` is not accepted as a name by every client", "/name")
    elif is_renamed(name, draft.method):
        yield Finding("renamed", f"its method in Python is `{draft.method}`", "/name")
