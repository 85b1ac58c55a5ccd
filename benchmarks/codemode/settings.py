"""What stands before the first message: definitions or a prompt, for the tools that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from mcp_sdkgen_codemode import catalog
from mcp_sdkgen_codemode.prompting.prompt import Detail, render
from mcp_sdkgen_codemode.prompting.tokens import count as count_now

from .accounting import Usage
from .compose import Program
from .conversations import Setting, Tool, by_calls, by_programs, definition_text
from .dataflow import Step
from .finding import RUN_TOOL, SEARCH_TOOL, Index, ProgramSearch, ToolSearch
from .running import Measured, Ran
from .sdks import Sdk
from .tasks import Task

count = cache(count_now)

VARIANTS = {
    "calls": "one call a round trip, all definitions in the context",
    "parallel": "calls that wait for nothing go together, all definitions in the context",
    "tool search": "the same, with definitions found by search",
    "programs": "careful programs, the API in the prompt",
    "chatty programs": "careful programs that print every result, the API in the prompt",
    "programs, search": "careful programs, the API found by search",
    "lucky programs": "one program a turn, the API in the prompt",
}
"""The ways to do a task."""
EQUAL_PREFIX = "programs, equal prefix"
"""Programs with as many tokens before the first message as plain calls have."""


@dataclass(frozen=True, eq=False)
class Catalog:
    """The SDKs of the tasks' servers, and fillers: tools that are only present."""

    sdks: Mapping[str, Sdk]
    fillers: Sequence[Sdk] = ()

    @cached_property
    def index(self) -> Index:
        """The search over all of them."""
        return Index([*self.sdks.values(), *self.fillers])

    @cached_property
    def definition_tokens(self) -> Mapping[Tool, int]:
        """The size of each definition in plain tool calling."""
        found = self.index.definitions.items()
        return {tool: count(definition_text(definition)) for tool, definition in found}

    @cached_property
    def surface_tokens(self) -> Mapping[Tool, float]:
        """The size of each tool's part of the prompt: its server's, divided evenly."""
        found: dict[Tool, float] = {}
        for sdk in [*self.sdks.values(), *self.fillers]:
            share = self._surface(sdk) / len(sdk.methods)
            found |= {(sdk.server, tool): share for tool in sdk.methods}
        return found

    @cached_property
    def rules_tokens(self) -> int:
        """The size of a prompt without any tool, and of the tool that runs programs."""
        return render((), Detail.SURFACE).tokens + count(definition_text(RUN_TOOL))

    def search_tokens(self, tools: Iterable[Tool]) -> int:
        """The size of a prompt that names only the servers of these tools."""
        return self._search_tokens(frozenset(server for server, _ in tools))

    @cache  # noqa: B019 - the catalogs live as long as the benchmark
    def _search_tokens(self, servers: frozenset[str]) -> int:
        every = [sdk for sdk in [*self.sdks.values(), *self.fillers] if sdk.server in servers]
        text = render([_known(sdk) for sdk in every], Detail.SEARCH)
        return text.tokens + count(definition_text(RUN_TOOL))

    def _surface(self, sdk: Sdk) -> int:
        return render([_known(sdk)], Detail.SURFACE).tokens - render((), Detail.SURFACE).tokens

    def present(self, task: Task, size: int | None = None) -> tuple[Tool, ...]:
        """The tools that the model has: its servers' own, or `size` of them and of the fillers.

        Those that the task needs come first and are always there.
        """
        needed = dict.fromkeys((call.server, call.tool) for call in task.calls)
        own = [(name, tool) for name in task.servers for tool in self.sdks[name].methods]
        others = list(self._filling()) if size is not None else []
        every = list(dict.fromkeys([*needed, *own, *others]))
        return tuple(every if size is None else every[: max(size, len(needed))])

    def _filling(self) -> Iterator[Tool]:
        for sdk in self.fillers:
            yield from ((sdk.server, tool) for tool in sdk.methods)


def _known(sdk: Sdk) -> catalog.Sdk:
    return catalog.at(sdk.package.folder.parent)


def converse(
    measured: Measured, around: Catalog, size: int | None = None
) -> dict[str, tuple[Usage, ...]]:
    """The task's conversations in all variants, each turn by turn."""
    task, steps, careful, lucky = measured.task, measured.steps, measured.careful, measured.lucky
    tools = around.present(task, size)
    present = frozenset(tools)
    defined = Setting(sum(around.definition_tokens[tool] for tool in tools))
    shown = Setting(around.rules_tokens + round(sum(around.surface_tokens[t] for t in tools)))
    search = Setting(count(definition_text(SEARCH_TOOL)), ToolSearch(around.index, present))
    programs = Setting(around.search_tokens(tools), ProgramSearch(around.index, present))
    told = (task, steps, careful.programs)
    return {
        "calls": by_calls(task, steps, defined, count, parallel=False),
        "parallel": by_calls(task, steps, defined, count, parallel=True),
        "tool search": by_calls(task, steps, search, count, parallel=True),
        "programs": by_programs(*told, careful.outputs, shown, count),
        "chatty programs": by_programs(task, steps, *_chatty(steps, careful), shown, count),
        "programs, search": by_programs(*told, careful.outputs, programs, count),
        "lucky programs": by_programs(task, steps, lucky.programs, lucky.outputs, shown, count),
        EQUAL_PREFIX: by_programs(*told, careful.outputs, defined, count),
    }


def _chatty(steps: Sequence[Step], ran: Ran) -> tuple[list[Program], list[str]]:
    """The same programs if they printed all results. They are not run: nothing else differs."""
    programs, outputs = [], []
    for program, output in zip(ran.programs, ran.outputs, strict=True):
        unseen = [steps[number].text for number in program.steps if number not in program.printed]
        programs.append(replace(program, printed=frozenset(program.steps)))
        outputs.append("\n".join([*unseen, output]))
    return programs, outputs
