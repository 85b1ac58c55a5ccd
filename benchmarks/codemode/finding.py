"""Looking for tools by words, with the catalog's search: by a tool for it, or in a program."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from mcp_sdkgen_codemode import catalog
from mcp_sdkgen_codemode.tool_search.search import search

from .conversations import Exchange, Tool, call_text, definition_text, run_text
from .sdks import Sdk

SHOWN = 5
"""How many tools a search shows."""
NEAR = 100
"""How many are ranked before all are."""

SEARCH_TOOL: Mapping[str, Any] = {
    "name": "search_tools",
    "description": "Find tools by words. The definitions of the best ones are added, to be called.",
    "inputSchema": {
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": ["query"],
    },
}
RUN_TOOL: Mapping[str, Any] = {
    "name": "run",
    "description": "Check and run a Python program. Returns what it prints, or what is wrong.",
    "inputSchema": {
        "type": "object",
        "properties": {"program": {"type": "string"}},
        "required": ["program"],
    },
}
"""What a host offers the model, beside or instead of the servers' own tools."""


class Index:
    """All tools there are, ranked for a query. Equal queries are answered from memory."""

    def __init__(self, sdks: Sequence[Sdk]) -> None:
        self._sdks = tuple(catalog.at(sdk.package.folder.parent) for sdk in sdks)
        self._by_method = {
            (sdk.package.name, method.name): (sdk.server, tool)
            for sdk in sdks
            for tool, method in sdk.methods.items()
        }
        self.definitions = {
            (sdk.server, tool): sdk.package.definition(method)
            for sdk in sdks
            for tool, method in sdk.methods.items()
        }
        self.ranked = cache(self._ranked)

    def best(self, query: str, among: frozenset[Tool]) -> list[tuple[Tool, str]]:
        """The best tools of these, each with the line that a program prints of it."""
        for limit in (NEAR, len(self._by_method)):
            found = [hit for hit in self.ranked(query, limit) if hit[0] in among][:SHOWN]
            if len(found) == SHOWN:
                break
        return found

    def _ranked(self, query: str, limit: int) -> tuple[tuple[Tool, str], ...]:
        return tuple(
            (self._by_method[entry.package, entry.name.partition(".")[2]], str(entry))
            for entry in search(query, limit, self._sdks)
        )

    def page(self, tool: Tool) -> tuple[str, str]:
        """A tool's name in programs, and its page."""
        server, name = tool
        for (package, method), found in self._by_method.items():
            if found == tool:
                sdk = next(each for each in self._sdks if each.package == package)
                return f"{server}.{method}", sdk.page(method)
        raise KeyError(name)


class ToolSearch:
    """Plain tool calling with a search: what is found is added as definitions."""

    def __init__(self, index: Index, present: frozenset[Tool]) -> None:
        self._index, self._present = index, present

    def search(self, queries: Sequence[str]) -> tuple[Exchange, frozenset[Tool]]:
        """One call for each query; the results are JSON definitions."""
        hits = [self._index.best(query, self._present) for query in queries]
        calls = tuple(call_text("search_tools", {"query": query}) for query in queries)
        results = tuple(
            "\n".join(definition_text(self._index.definitions[tool]) for tool, _ in found)
            for found in hits
        )
        return Exchange(calls, results), _tools(hits)

    def read(self, tools: Sequence[Tool]) -> None:
        """Definitions are all that there is."""


class ProgramSearch:
    """Code mode with nothing in its prompt: programs search the catalog, and print pages."""

    def __init__(self, index: Index, present: frozenset[Tool]) -> None:
        self._index, self._present = index, present

    def search(self, queries: Sequence[str]) -> tuple[Exchange, frozenset[Tool]]:
        """One program for all queries; it prints a signature for each tool."""
        hits = [self._index.best(query, self._present) for query in queries]
        lines = [
            f'print(*catalog.search({json.dumps(query)}, limit={SHOWN}), sep="\\n")'
            for query in queries
        ]
        shown = "\n".join(line for found in hits for _, line in found)
        return Exchange((run_text(_program(lines)),), (shown,)), _tools(hits)

    def read(self, tools: Sequence[Tool]) -> Exchange:
        """One program that prints the page of each tool."""
        pages = [self._index.page(tool) for tool in tools]
        lines = [f"print(catalog.page({json.dumps(name)}))" for name, _ in pages]
        return Exchange((run_text(_program(lines)),), ("\n".join(page for _, page in pages),))


def _program(lines: Sequence[str]) -> str:
    return "\n".join(["from mcp_sdkgen_runtime import catalog", "", *lines, ""])


def _tools(hits: Sequence[Sequence[tuple[Tool, str]]]) -> frozenset[Tool]:
    return frozenset(tool for found in hits for tool, _ in found)
