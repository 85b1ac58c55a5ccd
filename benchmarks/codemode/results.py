"""The figures of the benchmark, as JSON data: what was measured, summed up by class of task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mcp_sdkgen_codemode.prompting.prompt import Detail, render
from mcp_sdkgen_codemode.prompting.tokens import TOKENIZER

from . import accounting, sweeps
from .accounting import Usage, total
from .conversations import waves
from .running import Measured, Ran
from .settings import EQUAL_PREFIX, VARIANTS, Catalog, converse

Json = dict[str, Any]
Turns = dict[str, tuple[Usage, ...]]

SIZES = (10, 50, 100, 500, 2400)
SUITES = {"bfcl": "bfcl", "airline": "tau2", "retail": "tau2", "mock": "tau2"}
BASELINE = "parallel"
"""The variant that the others are compared with: the best that plain calls can do."""

CLASSES = ("one call", "several, independent", "several, dependent")


def results(measured: Sequence[Measured], around: Catalog, tell: Callable[[str], None]) -> Json:
    """All figures. Those under `times` depend on the machine, and no others do."""
    talks = [converse(one, around) for one in measured]
    tell(f"{len(talks)} tasks accounted for")
    public = [n for n, one in enumerate(measured) if one.task.suite != sweeps.SUITE]
    suites = {
        suite: _sums([talks[n] for n in public if SUITES[measured[n].task.suite] == suite])
        for suite in ("bfcl", "tau2")
    }
    return {
        "tokenizer": TOKENIZER,
        "assumptions": {
            name.lower(): getattr(accounting, name)
            for name in (
                "MESSAGE", "OUTPUT_PRICE", "CACHED_PRICE", "WRITTEN_PRICE",
                "FIRST_TOKEN_S", "OUTPUT_TOKENS_PER_S",
            )
        },
        "variants": VARIANTS,
        "right": _right(measured),
        "suites": {**suites, "all public": _sums([talks[n] for n in public])},
        "classes": _classes([(measured[n], talks[n]) for n in public]),
        "writing": _writing([(measured[n], talks[n]) for n in public]),
        "losses": _losses([talks[n] for n in public]),
        "sweeps": {
            str(len(one.task.calls) - 1): _sums([talk])
            for one, talk in zip(measured, talks, strict=True)
            if one.task.suite == sweeps.SUITE
        },
        "surface": {
            "definition_tokens": sum(around.definition_tokens.values()),
            "prompt_tokens": round(sum(around.surface_tokens.values())) + around.rules_tokens,
            "rules_tokens": render((), Detail.SURFACE).tokens,
            "tools": len(around.definition_tokens),
        },
        "tasks": {
            one.task.name: {name: _task_row(total(talk[name])) for name in VARIANTS}
            for one, talk in zip(measured, talks, strict=True)
        },
        "times": _times(measured),
    }  # fmt: skip


def scaling(measured: Sequence[Measured], around: Catalog, tell: Callable[[str], None]) -> Json:
    """The public tasks again with more tools present; sizes beyond what there is are left out."""
    public = [one for one in measured if one.task.suite != sweeps.SUITE]
    found = {}
    for size in SIZES:
        if size > len(around.definition_tokens):
            continue
        talks = [converse(one, around, size) for one in public]
        found[str(size)] = _sums(talks)
        tell(f"{size} tools: done")
    every = list(around.definition_tokens)
    return {
        "tools_there": len(every),
        "definitions_of_all": sum(around.definition_tokens.values()),
        "search_prompt_of_all": around.search_tokens(every),
        "sizes": found,
    }


def _sums(talks: Iterable[Turns]) -> Json:
    """Each variant's total over conversations."""
    given = list(talks)
    return {name: _row(total(usage for talk in given for usage in talk[name])) for name in VARIANTS}


def _row(usage: Usage) -> Json:
    derived = {
        "price": round(usage.price),
        "cached_price": round(usage.cached_price),
        "model_s": round(usage.model_s, 1),
    }
    return {**asdict(usage), **derived}


def _task_row(usage: Usage) -> list[int]:
    """Round trips, input, cached, output, hidden results, hidden tokens."""
    return [
        usage.round_trips, usage.input_tokens, usage.cached_tokens, usage.output_tokens,
        usage.hidden_results, usage.hidden_tokens,
    ]  # fmt: skip


def _right(measured: Sequence[Measured]) -> Json:
    """How many tasks ended in the right state, and what went wrong with the others."""
    found: Json = {"tasks": len(measured), "calls": sum(len(one.steps) for one in measured)}
    for author in ("careful", "lucky"):
        rans: list[tuple[str, Ran]] = [(one.task.name, getattr(one, author)) for one in measured]
        found[author] = {
            "programs": sum(len(ran.programs) for _, ran in rans),
            "right": sum(not ran.wrong for _, ran in rans),
            "wrong": {name: ran.wrong for name, ran in rans if ran.wrong},
        }
    return found


def turn_class(calls: int, groups: int) -> str:
    """The class of a turn with that many calls, in that many groups that must wait."""
    return CLASSES[0] if calls == 1 else CLASSES[1] if groups == 1 else CLASSES[2]


def _classes(given: Sequence[tuple[Measured, Turns]]) -> Json:
    """The turns by class: what each variant took."""
    sorted_turns: dict[str, list[Turns]] = {name: [] for name in CLASSES}
    for one, talk in given:
        for number in range(len(one.task.turns)):
            own = [step for step in one.steps if step.turn == number]
            if own:
                start = next(n for n, step in enumerate(one.steps) if step.turn == number)
                kind = turn_class(len(own), len(list(waves(own, start))))
                sorted_turns[kind].append({name: (turns[number],) for name, turns in talk.items()})
    return {
        name: {
            "turns": len(turns),
            "calls": sum(turn["calls"][0].calls for turn in turns),
            **_sums(turns),
        }
        for name, turns in sorted_turns.items()
    }


def _writing(given: Sequence[tuple[Measured, Turns]]) -> Json:
    """Turns of one call: tokens that the model writes, and the price with an equal prefix."""
    turns = [
        {name: usages[number] for name, usages in talk.items()}
        for one, talk in given
        for number in range(len(one.task.turns))
        if sum(step.turn == number for step in one.steps) == 1
    ]
    sums = {
        name: total(turn[name] for turn in turns) for name in (BASELINE, "programs", EQUAL_PREFIX)
    }
    return {
        "call": round(sums[BASELINE].output_tokens / len(turns), 1),
        "program": round(sums["programs"].output_tokens / len(turns), 1),
        "equal_prefix": round(sums[EQUAL_PREFIX].price / sums[BASELINE].price, 3),
        "equal_prefix_cached": round(
            sums[EQUAL_PREFIX].cached_price / sums[BASELINE].cached_price, 3
        ),
    }


def _losses(talks: Sequence[Turns]) -> Json:
    """In how many tasks a variant costs more than plain calls at their best, and the worst case."""
    found: Json = {}
    for name in ("programs", "programs, search", "lucky programs"):
        for price in ("price", "cached_price"):
            ratios = [
                getattr(total(talk[name]), price) / getattr(total(talk[BASELINE]), price)
                for talk in talks
            ]
            found.setdefault(name, {})[price] = {
                "lost": sum(ratio > 1 for ratio in ratios),
                "of": len(ratios),
                "worst": round(max(ratios, default=0), 3),
                "best": round(min(ratios, default=0), 3),
            }
    return found


def _times(measured: Sequence[Measured]) -> Mapping[str, Any]:
    """Seconds of everything that is not the model's, over all tasks."""
    return {
        "calls_s": round(sum(one.calls_s for one in measured), 1),
        **{
            f"{author}_{part}": round(
                sum(getattr(getattr(one, author), part) for one in measured), 1
            )
            for author in ("careful", "lucky")
            for part in ("check_s", "start_s", "run_s")
        },
    }
