"""An outcome in the words that a model is told: what became of its program, and what to do now."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..outcome import Outcome
from .prompt import fence

MAX_CHARS = 20_000
"""Characters of each part that reach the model; head and tail are kept."""

_WORDS = {
    "finished": "The program finished",
    "rejected": "The check rejected the program and nothing of it ran",
    "failed": "The program failed",
    "timed_out": "The program took too long and was ended",
    "killed": "The program was ended",
    "refused": "The program did not run",
}


def feedback(outcome: Outcome, *, max_chars: int = MAX_CHARS) -> str:
    """What a model needs to know of its program. What the program or servers said is fenced."""
    return "\n".join(_parts(outcome, max_chars))


def shortened(text: str, max_chars: int) -> str:
    """`text` with its middle left out where it is longer, and told so."""
    over = len(text) - max_chars
    if over <= 0:
        return text
    half = max_chars // 2
    return f"{text[:half]}\n… {over} characters left out; print less …\n{text[-half:]}"


def _parts(outcome: Outcome, max_chars: int) -> Iterator[str]:
    yield f"{_WORDS[outcome.status]}{_calls(outcome)}."
    if outcome.reason:
        yield fence(shortened(outcome.reason, max_chars), "reason")
    if outcome.diagnostics:
        found = "\n".join(str(each) for each in outcome.diagnostics)
        yield fence(shortened(found, max_chars), "diagnostics")
    if outcome.stdout:
        yield fence(shortened(outcome.stdout.rstrip("\n"), max_chars), "stdout")
    if outcome.stderr:
        yield fence(shortened(outcome.stderr.rstrip("\n"), max_chars), "stderr")
    if outcome.value is not None:
        value = json.dumps(outcome.value, ensure_ascii=False)
        yield fence(shortened(value, max_chars), "value")
    if outcome.error is not None:
        error = outcome.error
        said = error.traceback or f"{error.type}: {error.message}"
        yield fence(shortened(said.rstrip("\n"), max_chars), "error")
    if outcome.artifacts:
        names = "\n".join(f"{file.name} {len(file.data)} bytes" for file in outcome.artifacts)
        yield fence(shortened(names, max_chars), "files")
    if outcome.ok and not (outcome.stdout or outcome.stderr or outcome.value is not None):
        yield "It printed nothing and its last expression has no value: print what you need."


def _calls(outcome: Outcome) -> str:
    if not outcome.calls:
        return ""
    number = len(outcome.calls)
    refused = sum(call.status == "refused" for call in outcome.calls)
    tail = f", of which {refused} not allowed" if refused else ""
    return f" after {number} tool call{'' if number == 1 else 's'}{tail}"
