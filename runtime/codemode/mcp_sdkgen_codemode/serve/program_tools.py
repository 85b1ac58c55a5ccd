"""Saved programs as tools: a call of one is a run of a program that calls its `main`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from mcp.server.mcpserver.exceptions import ToolError
from mcp_sdkgen_runtime.schema.validation import compiled
from mcp_sdkgen_runtime.text import printable, shortened_text
from mcp_types import Tool, ToolAnnotations

from ..broker.replies import misfit_text
from ..executor.executor import Executor
from ..library.analysis import PACKAGE
from ..library.library import Library, SavedProgram
from .schemas import RunResult

_SHOWN_CHARS: Final = 2000
_NOTE: Final = (
    "A program that the user kept. It runs in the sandbox, as with `run`; a call that changes "
    "something may need the user's approval."
)


class ProgramTools:
    """The kept programs of a library, as tools that are not `taken` by name already."""

    def __init__(self, library: Library, taken: Iterable[str]) -> None:
        self._library = library
        self._taken = frozenset(taken)

    def listed(self, executor: Executor | None, annotations: ToolAnnotations) -> list[Tool]:
        """The tools: of all programs, or once there is an executor, of those that fit its SDKs."""
        found = self._loaded() if executor is None else executor.saved
        return [
            Tool(
                name=one.name,
                title=one.summary,
                description=_described(one),
                input_schema=dict(one.arguments),
                output_schema=RunResult.model_json_schema(),
                annotations=annotations,
            )
            for one in found
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


def calling(one: SavedProgram, arguments: Mapping[str, Any]) -> str:
    """The program that calls a kept one, and whose value is what that returns.

    Raises `ToolError` for arguments that do not fit.
    """
    check = compiled(one.arguments)
    if check is not None and (misfit := check(dict(arguments))) is not None:
        raise ToolError(misfit_text(misfit))
    waiting = "await " if "-> Awaitable[" in one.signature else ""
    return (
        f"import json\nfrom {PACKAGE}.{one.name} import main\nfrom pydantic import validate_call\n"
        # In a sandbox, the types of its arguments are made of what JSON has for them.
        f"{waiting}validate_call(main)(**json.loads({json.dumps(arguments)!r}))\n"
    )


def _described(one: SavedProgram) -> str:
    return f"{printable(shortened_text(one.description, _SHOWN_CHARS))}\n\n{_NOTE}"
