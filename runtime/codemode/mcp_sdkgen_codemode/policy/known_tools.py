"""The tools that a policy is checked against, found by patterns without asking each tool of each.

A policy may have a thousand patterns of several readings, and servers ten thousand tools. Tools are
found by the server's key first, and then by name; only a name with `*`, `?` or `[…]` is compared
with all names of a server, and once for each reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from mcp_sdkgen_runtime.text import shortened

from .patterns import Kind, Reading, cautious_kinds, like, readings
from .services import PinnedTool


class KnownTools:
    """Some tools, and the keys of servers that are known besides, whose tools are not."""

    def __init__(self, tools: Iterable[PinnedTool], absent: Collection[str] = ()) -> None:
        self._servers: dict[str, dict[str, list[PinnedTool]]] = {}
        for tool in tools:
            self._servers.setdefault(tool.server, {}).setdefault(tool.name, []).append(tool)
        self._absent = dict.fromkeys(key for key in absent if key not in self._servers)
        self._kinds: dict[int, frozenset[Kind]] = {}
        self._servers_of = lru_cache(maxsize=4096)(self._asked)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all servers."""
        return frozenset((*self._servers, *self._absent))

    def matched(self, pattern: str) -> list[PinnedTool]:
        """The tools that a pattern means in a rule that restricts (see `patterns.matches`)."""
        found = [
            tool
            for reading in readings(pattern)
            for tool in self._fitting(reading)
            if reading.kind is None or reading.kind in self._kinds_of(tool)
        ]
        return [*found, *self._called(pattern)]

    def means_one(self, pattern: str) -> bool:
        """Whether a pattern means a tool, of whatever kind, or may mean one of an absent server."""
        return bool(self._called(pattern)) or any(map(self._servers_of, readings(pattern)))

    def check_unambiguous(self, pattern: str) -> None:
        """Raise `ValueError` for a pattern of which two readings mean different servers."""
        meant = [self._servers_of(reading) for reading in readings(pattern)]
        everything = frozenset().union(*meant)
        # Where one reading means all that the others mean, it is the one that was meant.
        if everything not in meant:
            servers = " and ".join(map(shortened, sorted(everything)))
            raise ValueError(
                f"pattern {shortened(pattern)} can mean the servers {servers}: write [/] for a "
                "slash that belongs to the name of a server"
            )

    def _asked(self, reading: Reading) -> frozenset[str]:
        """The servers of the tools that a reading may mean, and the absent ones that it fits."""
        absent = like(self._absent, reading.server)
        if reading.kind == "resource":  # not all of a server's are listed
            return frozenset((*like(self._servers, reading.server), *absent))
        tools = (tool for tool in self._fitting(reading) if reading.may_be_of_kind(tool))
        return frozenset((*(tool.server for tool in tools), *absent))

    def _fitting(self, reading: Reading) -> list[PinnedTool]:
        """The tools whose server and name fit a reading."""
        return [
            tool
            for server in like(self._servers, reading.server)
            for name in like(self._servers[server], reading.tool)
            for tool in self._servers[server][name]
        ]

    def _called(self, pattern: str) -> list[PinnedTool]:
        """The tools that are, letter by letter, called like a pattern."""
        return [
            tool
            for at, sign in enumerate(pattern)
            if sign == "/"
            for tool in self._servers.get(pattern[:at], {}).get(pattern[at + 1 :], ())
        ]

    def _kinds_of(self, tool: PinnedTool) -> frozenset[Kind]:
        kinds = self._kinds.get(id(tool))
        if kinds is None:
            kinds = self._kinds[id(tool)] = cautious_kinds(tool)
        return kinds
