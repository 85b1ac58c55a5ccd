"""Saved programs as tools of MCP: a call of one is a run of a program that calls its `main`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError
from mcp_sdkgen_runtime.schema.validation import compiled
from mcp_types import Tool, ToolAnnotations

from ..broker.replies import misfit_text
from ..executor.executor import Executor
from ..library.library import Library
from ..library.program import SavedProgram
from ..prompting.tools import describe_program
from .schemas import RunResult


class ProgramTools:
    """The saved programs of a library, as tools that are not `taken` by name already."""

    def __init__(self, library: Library, taken: Iterable[str]) -> None:
        self._library = library
        self._taken = frozenset(taken)

    def listed(self, executor: Executor | None, annotations: ToolAnnotations) -> list[Tool]:
        """The tools: of all programs, or once there is an executor, of those that fit its SDKs."""
        programs = self._loaded() if executor is None else executor.saved
        return [
            Tool(
                name=one.name,
                title=one.summary,
                description=describe_program(one),
                input_schema=dict(one.arguments),
                output_schema=RunResult.model_json_schema(),
                annotations=annotations,
            )
            for one in programs
            if self._offered(one)
        ]

    def find(self, name: str) -> SavedProgram | None:
        """The program behind a tool."""
        if name in self._library.names:
            with suppress(LookupError, ValueError):
                one = self._library.load(name)
                return one if self._offered(one) else None
        return None

    def _loaded(self) -> Iterator[SavedProgram]:
        for name in self._library.names:
            with suppress(LookupError, ValueError):
                yield self._library.load(name)

    def _offered(self, one: SavedProgram) -> bool:
        return one.name not in self._taken and one.arguments.get("type") == "object"


def checked(program: SavedProgram, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments, if they fit. Raises `ToolError` where not."""
    check = compiled(program.arguments)
    if check is not None and (misfit := check(dict(arguments))) is not None:
        raise ToolError(misfit_text(misfit))
    return arguments
