"""The figures as a page for people. Every number on it comes from the data; none is typed here,
except those that others have published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .results import BASELINE, CLASSES
from .rule import closing, verdicts
from .text import METHOD, OPENING, WHERE_TASKS_COME_FROM

Json = dict[str, Any]
Row = Sequence[object]

COLUMNS = (
    "", "round trips", "input", "of it cached", "output", "results unseen", "their tokens",
    "price", "price, cached", "model, s",
)  # fmt: skip


def report(found: Json) -> str:
    """The whole page, in Markdown."""
    parts = [
        OPENING,
        verdicts(found),
        "![The figures as a picture](codemode.svg)",
        METHOD.format(**found["assumptions"], tokenizer=found["tokenizer"]),
        _variants(found["variants"]),
        WHERE_TASKS_COME_FROM.format(**found["right"]),
        "## Right answers and time",
        _right(found["right"]),
        _times(found["times"], found["right"]["careful"]["programs"]),
        "## Totals",
        *(part for name, rows in found["suites"].items() for part in _usage(name, rows)),
        "## By class of turn",
        "A turn is what happens between two messages of the user. Prices are per turn.",
        _classes(found["classes"]),
        "## Many reads for one answer",
        "Made-up tasks: the cheapest variant among the first N products of the shop.",
        _sweeps(found["sweeps"]),
        *_scaling(found),
        closing(found),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def table(head: Row, rows: Iterable[Row]) -> str:
    """A Markdown table; numbers get separators."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _variants(variants: Mapping[str, str]) -> str:
    return "\n".join(f"- **{name}**: {what}." for name, what in variants.items())


def _right(right: Json) -> str:
    rows = [
        (author, right[author]["programs"], right[author]["right"], right["tasks"])
        for author in ("careful", "lucky")
    ]
    wrong = [
        f"- `{name}` ({author}): {why}"
        for author in ("careful", "lucky")
        for name, why in right[author]["wrong"].items()
    ]
    shown = table(("author", "programs", "tasks right", "of"), rows)
    return "\n\n".join([shown, *(["\n".join(wrong)] if wrong else [])])


def _times(times: Json, programs: int) -> str:
    rows = [
        ("calls over MCP", "", "", times["calls_s"], times["calls_s"]),
        *(
            (
                f"{author} programs",
                *(times[f"{author}_{part}"] for part in ("check_s", "start_s", "run_s")),
                round(
                    sum(times[f"{author}_{part}"] for part in ("check_s", "start_s", "run_s")), 1
                ),
            )
            for author in ("careful", "lucky")
        ),
    ]
    head = ("seconds, all tasks", "check", "waiting for a sandbox", "running", "together")
    each = [1000 * times[f"careful_{part}"] / programs for part in ("check_s", "start_s", "run_s")]
    note = (
        f"A careful author's program takes {each[0]:.0f} ms to check, {each[1]:.0f} ms to get a "
        f"sandbox and {each[2]:.0f} ms to run. "
        "These are from one run on two cores that others used too; they are the only figures here "
        "that another machine changes. A sandbox is single-use, and two were kept ready."
    )
    return f"{table(head, rows)}\n\n{note}"


def _usage(name: str, rows: Json) -> tuple[str, str]:
    body = [
        (
            variant, row["round_trips"], row["input_tokens"], row["cached_tokens"],
            row["output_tokens"], row["hidden_results"], row["hidden_tokens"], row["price"],
            row["cached_price"], row["model_s"],
        )
        for variant, row in rows.items()
    ]  # fmt: skip
    return f"### {name}", table(COLUMNS, body)


def _classes(classes: Json) -> str:
    rows = []
    for name in CLASSES:
        row = classes[name]
        turns = row["turns"] or 1
        for variant in (BASELINE, "programs", "programs, search", "lucky programs"):
            one = row[variant]
            rows.append(
                (
                    name, row["turns"], variant, one["round_trips"] / turns,
                    one["price"] / turns, one["cached_price"] / turns,
                    row[BASELINE]["price"] / one["price"],
                    row[BASELINE]["cached_price"] / one["cached_price"],
                )
            )  # fmt: skip
    head = (
        "class", "turns", "variant", "round trips", "price", "price, cached",
        "times cheaper", "with caching",
    )  # fmt: skip
    return table(head, rows)


def _sweeps(rows: Json) -> str:
    body = [
        (
            f"{size} reads",
            *(row[name]["input_tokens"] for name in ("calls", BASELINE, "programs")),
            row["lucky programs"]["input_tokens"],
            *(
                row[BASELINE][price] / row[name][price]
                for name in ("programs", "lucky programs")
                for price in ("price", "cached_price")
            ),
        )
        for size, row in rows.items()
    ]
    head = (
        "", "input: calls", "parallel", "programs", "lucky programs",
        "programs cheaper than parallel", "with caching", "lucky ones", "with caching",
    )  # fmt: skip
    return table(head, body)


def _scaling(found: Json) -> tuple[str, ...]:
    scaling = found.get("scaling")
    if not scaling:
        return ()
    tasks = found["losses"]["programs"]["price"]["of"]
    names = (BASELINE, "tool search", "programs", "programs, search")
    body = [
        (
            f"{int(size):,} tools",
            *(round(row[name]["input_tokens"] / tasks) for name in names),
            *(row[BASELINE]["cached_price"] / row[name]["cached_price"] for name in names[1:]),
            row["tool search"]["cached_price"] / row["programs, search"]["cached_price"],
        )
        for size, row in scaling["sizes"].items()
    ]
    head = (
        "", *(f"input: {name}" for name in names),
        *(f"{name}: times cheaper" for name in names[1:]), "programs, search over tool search",
    )  # fmt: skip
    return (
        "## The same tasks with more tools present",
        "The tools that a task needs, then its servers' others, then those of real servers that it "
        "never calls. Input tokens are per task; prices are compared with parallel calls that have "
        "all definitions in the context, with caching.",
        table(head, body),
    )
