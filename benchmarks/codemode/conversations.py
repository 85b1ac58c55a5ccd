"""The same task as the conversations that it makes: with plain calls, and with programs.

A task's true steps are given, so no model is asked; what is counted is what a model would be sent,
and what it would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .accounting import Conversation, Count, Usage
from .compose import Program
from .dataflow import Step
from .tasks import Task

ANSWER = "That is done. Here is what came out, in a sentence or two for you to read."
"""The model's last word of a turn, the same in all conversations."""

Tool = tuple[str, str]
"""A server's key and a tool's wire name."""


class Finder(Protocol):
    """Finds tools by words. Every exchange is what the model writes, and what it is shown."""

    def search(self, queries: Sequence[str]) -> tuple[Exchange, frozenset[Tool]]:
        """One round of searches, and the tools that they show."""
        ...

    def read(self, tools: Sequence[Tool]) -> Exchange | None:
        """What there is to know of these tools' results; None if there is no more."""
        ...


@dataclass(frozen=True)
class Exchange:
    """One round trip: the calls that a model writes, and their results."""

    calls: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """What a conversation begins with: tokens before the first message, without the task's own.

    With a `finder`, the tools are not in there, but must be found.
    """

    prefix_tokens: int
    finder: Finder | None = None


def call_text(name: str, arguments: Mapping[str, Any]) -> str:
    """A call as a model writes it."""
    return json.dumps({"name": name, "arguments": arguments}, separators=(",", ":"))


def run_text(program: str) -> str:
    """A call of the one tool that runs programs."""
    return call_text("run", {"program": program})


def definition_text(tool: Mapping[str, Any]) -> str:
    """A tool as hosts show it to models: name, description and arguments, not the result."""
    shown = {
        "name": tool["name"],
        "description": tool.get("description", ""),
        "input_schema": tool.get("inputSchema", {}),
    }
    return json.dumps(shown, separators=(",", ":"), ensure_ascii=False)


def by_calls(
    task: Task, steps: Sequence[Step], setting: Setting, count: Count, *, parallel: bool
) -> tuple[Usage, ...]:
    """The task with plain tool calls, turn by turn.

    With `parallel`, calls that wait for nothing go together.
    """
    talk, search = _begin(task, setting, count)
    spent = []
    for number, turn in enumerate(task.turns):
        talk.receive(turn.said)
        own = [step for step in steps if step.turn == number]
        search.find(turn.said, {(step.call.server, step.call.tool) for step in own}, ())
        offset = next((n for n, step in enumerate(steps) if step.turn == number), 0)
        for wave in waves(own, offset) if parallel else [[step] for step in own]:
            calls = [call_text(step.call.tool, step.call.arguments) for step in wave]
            talk.reply(*calls, calls=len(wave))
            for step in wave:
                talk.receive(step.text)
        talk.reply(ANSWER)
        spent.append(talk.spent())
    return tuple(spent)


def waves(steps: Sequence[Step], offset: int = 0) -> Iterator[list[Step]]:
    """A turn's calls in groups that can be made at once.

    A call begins a new group when one of its arguments comes from a result of the group, or when
    the call before it failed. `offset` is the number of the first call in the task.
    """
    group: list[Step] = []
    start = offset
    for number, step in enumerate(steps, offset):
        if group and (group[-1].failed or any(origin.step >= start for origin in step.origins)):
            yield group
            group, start = [], number
        group.append(step)
    if group:
        yield group


def by_programs(
    task: Task,
    steps: Sequence[Step],
    programs: Sequence[Program],
    outputs: Sequence[str],
    setting: Setting,
    count: Count,
) -> tuple[Usage, ...]:
    """The task with programs, turn by turn; `outputs` is what each of them printed."""
    talk, search = _begin(task, setting, count)
    done = list(zip(programs, outputs, strict=True))
    spent = []
    for number, turn in enumerate(task.turns):
        talk.receive(turn.said)
        own = [pair for pair in done if pair[0].turn == number]
        used = [steps[step] for program, _ in own for step in program.steps]
        search.find(turn.said, {_tool(step) for step in used}, _looked_up(own, steps))
        for program, output in own:
            talk.reply(run_text(program.text), calls=len(program.steps))
            talk.receive(output)
            for step in program.steps:
                if step not in program.printed:
                    talk.hide(steps[step].text)
        talk.reply(ANSWER)
        spent.append(talk.spent())
    return tuple(spent)


def _begin(task: Task, setting: Setting, count: Count) -> tuple[Conversation, _Search]:
    talk = Conversation(count, setting.prefix_tokens + count(task.instructions))
    return talk, _Search(setting.finder, talk)


def _tool(step: Step) -> Tool:
    return step.call.server, step.call.tool


def _looked_up(own: Iterable[tuple[Program, str]], steps: Sequence[Step]) -> set[Tool]:
    """The tools of which a signature is not enough: a program names a field of their result, or
    builds an object for them."""
    done = [steps[number] for program, _ in own for number in program.steps]
    named = {
        origin.step
        for program, _ in own
        for number in program.steps
        for origin in steps[number].origins
        if origin.step in program.steps and steps[origin.step].typed
    }
    built = {_tool(step) for step in done if any(map(_has_object, step.call.arguments.values()))}
    return built | {_tool(steps[number]) for number in named}


def _has_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_object, value)))


class _Search:
    """The part of a conversation in which a model looks for tools."""

    def __init__(self, finder: Finder | None, talk: Conversation) -> None:
        self._finder, self._talk = finder, talk
        self._found: set[Tool] = set()
        self._read: set[Tool] = set()

    def find(self, said: str, wanted: set[Tool], read: Iterable[Tool]) -> None:
        """Search in the user's words, then by name for what was not found; then look closer."""
        if self._finder is None:
            return
        if wanted - self._found:
            self._search(self._finder, [said])
        if missing := sorted(wanted - self._found):
            self._search(self._finder, [tool.replace("_", " ") for _, tool in missing])
            # A model that still has not found them would ask again; it is not charged for that.
            self._found |= wanted
        if unread := sorted(set(read) - self._read):
            self._read |= set(unread)
            if exchange := self._finder.read(unread):
                self._tell(exchange)

    def _search(self, finder: Finder, queries: Sequence[str]) -> None:
        exchange, found = finder.search(queries)
        self._tell(exchange)
        self._found |= found

    def _tell(self, exchange: Exchange) -> None:
        self._talk.reply(*exchange.calls)
        for result in exchange.results:
            self._talk.receive(result)
