"""Programs run for real: through the check, in a sandbox, with their calls through the broker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mcp_sdkgen_codemode.executor.executor import Executor
from mcp_sdkgen_codemode.outcome import Outcome

from . import sweeps
from .compose import Program, compose, literal
from .dataflow import Step, trace
from .replay import Replay, Sessions, replay
from .sdks import Sdk
from .tasks import Call, Task
from .worlds import World

Worlds = Callable[[Task], World]


@dataclass(frozen=True)
class Ran:
    """The programs of one author, run: what they printed, and whether all was as it should be.

    `wrong` says what was not: empty, if every program ended as expected and the servers ended in
    the state that the right calls lead to. Times in seconds, over all programs.
    """

    programs: tuple[Program, ...]
    outputs: tuple[str, ...]
    wrong: str
    check_s: float
    start_s: float
    run_s: float

    @property
    def seconds(self) -> float:
        """All that is not the model's."""
        return self.check_s + self.start_s + self.run_s


@dataclass(frozen=True)
class Measured:
    """One task, done by calls and by the programs of both authors."""

    task: Task
    steps: tuple[Step, ...]
    calls_s: float
    careful: Ran
    lucky: Ran


def measure(
    task: Task, world: World, sessions: Sessions, executor: Executor, sdks: dict[str, Sdk]
) -> Measured:
    """Do one task in all ways."""
    done = replay(task, world, sessions)
    steps = trace(task, done, sdks)
    careful = _run(task, steps, done, world, executor, _programs(task, steps, sdks, careful=True))
    programs = _programs(task, steps, sdks, careful=False)
    if [each.text for each in programs] == [each.text for each in careful.programs]:
        return Measured(task, steps, done.seconds, careful, careful)
    lucky = _run(task, steps, done, world, executor, programs)
    return Measured(task, steps, done.seconds, careful, lucky)


def _programs(
    task: Task, steps: Sequence[Step], sdks: dict[str, Sdk], *, careful: bool
) -> tuple[Program, ...]:
    if task.suite == sweeps.SUITE:
        return sweeps.programs(task, careful=careful)
    return compose(steps, sdks, careful=careful)


def _run(
    task: Task,
    steps: Sequence[Step],
    truth: Replay,
    world: World,
    executor: Executor,
    programs: Iterable[Program],
) -> Ran:
    if first := world.begin(task):
        executor.run(_alone(first), typecheck=False)
    done = []
    wrong = ""
    for program in programs:
        outcome = executor.run(program.text)
        done.append((program, outcome))
        expected = "failed" if program.steps and steps[program.steps[-1]].failed else "finished"
        if outcome.status != expected:
            wrong = wrong or f"{outcome.status}: {_why(outcome)}"
    if not wrong and world.state(task) != truth.state:
        wrong = "the servers ended in another state"
    if not wrong and task.suite == sweeps.SUITE:
        wrong = _wrong_answer(done[-1][1].stdout, truth)
    return Ran(
        tuple(program for program, _ in done),
        tuple(shown(outcome) for _, outcome in done),
        wrong,
        sum(outcome.timings.check_s for _, outcome in done),
        sum(outcome.timings.start_s for _, outcome in done),
        sum(outcome.timings.run_s for _, outcome in done),
    )


def shown(outcome: Outcome) -> str:
    """What a model is shown of an outcome: its output, and the error that ended it."""
    if outcome.error is None:
        return outcome.stdout
    return f"{outcome.stdout}{outcome.error.type}: {outcome.error.message}"


def _why(outcome: Outcome) -> str:
    if outcome.diagnostics:
        return f"line {outcome.diagnostics[0].line}: {outcome.diagnostics[0].message}"
    return outcome.reason or shown(outcome)[-300:]


def _alone(call: Call) -> str:
    arguments = ", ".join(f"{name}={literal(value)}" for name, value in call.arguments.items())
    return (
        f"from {call.server}_sdk import {call.server}\n\n{call.server}.{call.tool}({arguments})\n"
    )


def _wrong_answer(stdout: str, truth: Replay) -> str:
    products: list[Any] = [
        json.loads(answer.raw.text)["parsed_content"] for answer in truth.turns[0][1:]
    ]
    right = str(sweeps.answer(products))
    return "" if stdout.strip() == right else f"{stdout.strip()!r} and not {right!r}"
