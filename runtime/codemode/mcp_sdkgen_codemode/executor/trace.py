"""A run as one HTML page: what it did, when, and for how long. No script, nothing fetched."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from mcp_sdkgen_runtime.text import printable

from ..outcome import Call, Outcome
from ..prompting.outcome_text import PartName, ending, parts, tool_calls

_TICKS = 5
_HEADINGS: Mapping[PartName, str] = {"diagnostics": "What the check found", "error": "Error"}
_STREAMS: Sequence[PartName] = ("stdout", "stderr")


def trace(outcome: Outcome, program: str, *, title: str = "program") -> str:
    """A self-contained page: totals, a waterfall, what was printed, the value, and the program.

    Arguments and results are on it when the run kept them (`payloads`), folded away. Everything
    that came from the program or a server is text on it, never markup.
    """
    style = files(__package__).joinpath("trace.css").read_text(encoding="utf-8")
    body = "\n".join(_parts(outcome, program, title))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # The page needs nothing from anywhere, so it may ask for nothing.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}: {ending(outcome)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _parts(outcome: Outcome, program: str, title: str) -> Iterator[str]:
    yield (
        f'<header><h1>{escape(title)}</h1><span class="badge {outcome.status}">'
        f"{ending(outcome)}</span></header>"
    )
    yield f'<p class="totals">{" · ".join(_totals(outcome))}</p>'
    said = parts(outcome, indent=2)
    if outcome.reason:
        yield f'<p class="reason">{escape(outcome.reason)}</p>'
    if outcome.detail:
        yield _block("For the host", outcome.detail.for_host(), open_=True)
    for name, heading in _HEADINGS.items():
        if name in said:
            yield _block(heading, said[name], open_=True)
    yield _waterfall(outcome)
    if "value" in said:
        yield _block("Value", said["value"], open_=True)
    for stream in _STREAMS:
        if stream in said:
            cut = " (cut)" if stream in outcome.truncated else ""
            yield _block(f"{stream}{cut}", said[stream], open_=stream == "stdout")
    if outcome.artifacts:
        names = "\n".join(f"{file.name}  {_size(len(file.data))}" for file in outcome.artifacts)
        yield _block("Files", names, open_=True)
    yield _block("Program", _numbered(program))


def _totals(outcome: Outcome) -> Iterator[str]:
    yield tool_calls(outcome)
    yield f"{_size(sum(call.received_bytes for call in outcome.calls))} of results"
    yield f"{_size(len(outcome.stdout.encode()))} printed"
    yield f"{_time(_end(outcome))} in all"
    if outcome.timings.asked_s:
        yield f"{_time(outcome.timings.asked_s)} of it waiting for a person"
    if outcome.engine:
        yield f"in {escape(outcome.engine)}"


def _end(outcome: Outcome) -> float:
    timings = outcome.timings
    dispatched = timings.check_s + timings.start_s
    calls = [dispatched + call.start_s + call.duration_s for call in outcome.calls]
    return max([dispatched + timings.run_s + timings.asked_s, *calls, 1e-9])


def _waterfall(outcome: Outcome) -> str:
    timings, end = outcome.timings, _end(outcome)
    dispatched = timings.check_s + timings.start_s
    rows = [
        _row("check", "stage", 0, timings.check_s, end),
        _row("wait for a sandbox", "stage", timings.check_s, timings.start_s, end),
        _row("run", "stage", dispatched, timings.run_s + timings.asked_s, end),
    ]
    rows += [_call_row(call, dispatched, end) for call in outcome.calls]
    step = _step(end)
    # The last label needs room to the right of its tick.
    ticks = "".join(
        f'<span style="left:{100 * n * step / end:.3f}%">{_time(n * step)}</span>'
        for n in range(_TICKS)
        if n * step <= 0.92 * end
    )
    axis = f'<div class="row axis"><div></div><div class="lane">{ticks}</div><div></div></div>'
    return f'<section class="waterfall" aria-label="Timeline">{axis}{"".join(rows)}</section>'


def _step(end: float) -> float:
    """Seconds between ticks: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(end / _TICKS))
    return next(n * power for n in (1, 2, 5, 10) if n * power * _TICKS >= end)


def _row(name: str, kind: str, start_s: float, duration_s: float, end: float) -> str:
    bar = _bar(kind, start_s, duration_s, end)
    return (
        f'<div class="row"><div class="name">{escape(name)}</div>{bar}'
        f'<div class="figures">{_time(duration_s)}</div></div>'
    )


def _bar(kind: str, start_s: float, duration_s: float, end: float) -> str:
    left, width = 100 * start_s / end, 100 * duration_s / end
    return (
        f'<div class="lane"><div class="bar {kind}" '
        f'style="left:{left:.3f}%;width:{width:.3f}%"></div></div>'
    )


def _call_row(call: Call, dispatched: float, end: float) -> str:
    bar = _bar(call.status, dispatched + call.start_s, call.duration_s, end)
    head = (
        f'<div class="row"><div class="name"><code>{escape(call.server)}</code> '
        f"{escape(call.tool)}</div>{bar}"
        f'<div class="figures">{_time(call.duration_s)} · {_size(call.received_bytes)}'
        f"{_status(call)}</div></div>"
    )
    details = [
        ("Message", call.message),
        ("For the host", call.detail.for_host()),
        (f"Arguments, {_size(call.sent_bytes)}", _as_json(call.arguments)),
        (f"Result, {_size(call.received_bytes)}", _as_json(call.result)),
    ]
    folded = "".join(
        f"<h3>{escape(name)}</h3><pre>{_shown(text)}</pre>" for name, text in details if text
    )
    if not folded:
        return head
    return f'<details class="call"><summary>{head}</summary>{folded}</details>'


def _as_json(data: Any) -> str:
    """The data as JSON; a text, which is the beginning of JSON, as it is."""
    if data is None or isinstance(data, str):
        return data or ""
    return json.dumps(data, ensure_ascii=False)


def _status(call: Call) -> str:
    if call.status == "ok":
        return ""
    return f' · <span class="status {call.status}">{call.status.replace("_", " ")}</span>'


def _block(name: str, text: str, *, open_: bool = False) -> str:
    attribute = " open" if open_ else ""
    return (
        f'<details class="block"{attribute}><summary>{escape(name)}</summary>'
        f"<pre>{_shown(text)}</pre></details>"
    )


def _shown(text: str) -> str:
    # What turns the direction of text, or cannot be seen, would make a line read as another.
    return escape(printable(text))


def _numbered(program: str) -> str:
    lines = program.splitlines()
    width = len(str(len(lines)))
    return "\n".join(f"{n:>{width}}  {line}" for n, line in enumerate(lines, 1))


def _time(seconds: float) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"
