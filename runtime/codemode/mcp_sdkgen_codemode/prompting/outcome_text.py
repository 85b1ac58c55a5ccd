"""An outcome in words: the same ones for models, on terminals and on pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mcp_sdkgen_runtime.text import printable

from ..outcome import Call, Outcome
from .answers import with_notes
from .confinement import FOR_MODELS, wanted
from .outputs import Cut, Outputs, Shortener, StoredOutput, file_of
from .prompt import fence

_ENDINGS: Final[Mapping[str, str]] = {
    "finished": "finished",
    "rejected": "rejected by the check; nothing ran",
    "failed": "failed",
    "timed_out": "timed out",
    "killed": "killed",
    "refused": "refused; nothing ran",
}
_SUSPENDED: Final = "suspended until a person approves"
_STOPPED: Final = "stopped where a person was to be asked"
_SILENT: Final = (
    "It printed nothing and its last expression has no value: print what you need to know."
)
_MAX_CALLS: Final = 10
"""Calls that went wrong of which a model is told."""

PartName: TypeAlias = Literal[
    "notes", "diagnostics", "stdout", "stderr", "value", "error", "reason", "calls", "files"
]
_FOR_MODELS: Final[Sequence[PartName]] = (
    "diagnostics", "stdout", "stderr", "value", "error", "reason", "calls", "files",
)  # fmt: skip


def ending(outcome: Outcome) -> str:
    """How it ended, in a few words."""
    if outcome.suspended:
        return _SUSPENDED
    # It ran until a call that was to wait for a person, and could not be stored.
    stopped = outcome.status == "refused" and outcome.calls
    return _STOPPED if stopped else _ENDINGS[outcome.status]


def tool_calls(outcome: Outcome) -> str:
    """How many tools were called: `1 tool call`."""
    number = len(outcome.calls)
    return f"{number} tool call" if number == 1 else f"{number} tool calls"


def headline(outcome: Outcome, *details: str) -> str:
    """One line: how it ended, how many tools were called, and what else there is to tell."""
    return f"{ending(outcome)}: {', '.join((tool_calls(outcome), *details))}"


def call_line(call: Call, *details: str) -> str:
    """One line on a tool call, as the program and models may know it."""
    if call.status == "suspended":
        return f"{call.server}/{call.tool}: waits for approval"
    end = ", ".join((call.status, *details))
    return f"{call.server}/{call.tool}: {end}" + (f": {call.message}" if call.message else "")


def parts(outcome: Outcome, *, indent: int | None = None) -> dict[PartName, str]:
    """What there is to tell beside the headline, as text by its name. What is empty is left out.

    `indent` is that of the value's JSON. All of it may be a program's or a server's words.
    """
    error = outcome.error
    value = outcome.value
    wrong = [call for call in outcome.calls if call.message and call.status != "ok"]
    found: dict[PartName, str] = {
        "notes": "\n".join(outcome.notes),
        "diagnostics": "\n".join(map(str, outcome.diagnostics)),
        "stdout": outcome.stdout,
        "stderr": outcome.stderr,
        "value": "" if value is None else json.dumps(value, ensure_ascii=False, indent=indent),
        "error": (error.traceback or f"{error.type}: {error.message}") if error else "",
        "reason": outcome.reason,
        "calls": "\n".join(map(call_line, wrong[:_MAX_CALLS])),
        "files": "\n".join(f"{f.name} ({len(f.data):,} bytes)" for f in outcome.artifacts),
    }
    return {name: text for name, text in found.items() if text}


@dataclass(frozen=True)
class Report:
    """An outcome as a model is told of it: the `text`, and of what it is made.

    `parts` are shortened, and not fenced yet; `cuts` say where they are whole.
    """

    text: str
    parts: Mapping[PartName, str]
    files: tuple[StoredOutput, ...] = ()
    cuts: tuple[Cut, ...] = ()


def report(
    outcome: Outcome,
    outputs: Outputs | None = None,
    *,
    session: str | None = None,
    notes: Sequence[str] = (),
) -> Report:
    """What a model needs to know of its program. What the program or servers said is fenced.

    What is too long is stored in `outputs` whole, and so are files. `notes` tell what else there
    is to know.
    """
    shorten = Shortener(outputs)
    add: Callable[..., StoredOutput] = file_of if outputs is None else outputs.add_file
    files = tuple(add(artifact) for artifact in outcome.artifacts)
    texts = parts(outcome)
    if files:
        texts["files"] = "\n".join(map(_file_line, files))
    texts.pop("notes", None)  # they are the host's, and stand below
    shown = {name: shorten(name, text) for name, text in texts.items()}
    lines = "\n".join(_lines(outcome, shown, session))
    want = wanted(outcome.error)
    instead = [] if want is None else [FOR_MODELS[want]]
    text = with_notes(lines, [*map(printable, outcome.notes), *instead, *notes])
    return Report(text, shown, files, tuple(shorten.cuts))


def _lines(outcome: Outcome, shown: Mapping[PartName, str], session: str | None) -> Iterator[str]:
    yield headline(outcome, f"{outcome.timings.run_s:.2f} s")
    if session:
        yield f"session: {session}"
    for name in _FOR_MODELS:
        if text := shown.get(name):
            # The program's own name, which the fence would spell out in every line.
            yield fence(text.replace('File "<program>"', 'File "program"').rstrip("\n"), name)
    if outcome.ok and not shown.keys() & {"stdout", "stderr", "value", "files"}:
        yield _SILENT


def _file_line(file: StoredOutput) -> str:
    where = f": {file.handle}" if file.handle else ""
    return f"{file.name} ({file.mime_type}, {len(file.data):,} bytes){where}"
