"""Patterns of a policy: which tools, prompts and resources `SERVER/NAME@KIND` means.

A key of a server may hold slashes, so a pattern can be read in more ways than one: each slash may
end the server's part, and the whole may be the server's key. Each reading that fits counts, and
`Policy.check` refuses a pattern of which two readings mean different servers. `[/]` is a slash
that ends nothing.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

from mcp_sdkgen_runtime.schema.definitions import only_reads
from mcp_sdkgen_runtime.text import shortened

from .services import PinnedTool

Kind: TypeAlias = Literal[
    "read-only", "writes", "destructive", "idempotent", "open-world", "prompt", "resource"
]

_NAMES: Final[Mapping[str, Kind]] = {
    **{kind: kind for kind in get_args(Kind)}, "reads": "read-only", "destroys": "destructive",
}  # fmt: skip
"""What a kind may be called: also as docstrings and prompts call it."""
MAX_CHARACTERS: Final = 4_096
"""A pattern with more is refused. The URI of a resource has 2,048, each of which may be quoted."""
MAX_SLASHES: Final = 16
"""As many slashes of a pattern may end the server's part: each gives one more reading of it."""
_GLOB = re.compile(r"[*?\[]")
_SPECIAL = re.compile(r"[*?\[/@]")
_SLASH = re.compile(r"\[[^\]]*\]|(/)")
_NEVER_GAINED: Final = ("read-only", "idempotent", "prompt")
"""A live server is believed where it says worse of a tool than these."""
_ONE_CHARACTER = re.compile(r"\[[^\]!]\]")
_CLASS = re.compile(r"\[[^\]]*\]")


class Reading(NamedTuple):
    """One way to read a pattern: of the server's key, of the tool's name, and the kind."""

    server: str
    tool: str
    kind: Kind | None

    def fits(self, server: str, tool: str) -> bool:
        """Whether it means the tool of that name, of whatever kind."""
        return self.fits_server(server) and _fits(tool, self.tool)

    def fits_server(self, server: str) -> bool:
        """Whether it means a tool of that server."""
        return _fits(server, self.server)

    def may_be_of_kind(self, tool: PinnedTool) -> bool:
        """Whether a tool that it fits is of its kind, or its server may come to say that it is."""
        return not (
            self.is_literal and self.kind in _NEVER_GAINED and self.kind not in kinds_of(tool)
        )

    @property
    def is_literal(self) -> bool:
        """Whether it means one name only: each of its characters stands for itself."""
        return not _GLOB.search(_ONE_CHARACTER.sub("", self.tool))

    @property
    def specificity(self) -> tuple[bool, bool, int, bool]:
        """Orders readings: the greater, the more specific."""
        literal = len(re.sub(r"\[[^\]]*\]|[*?]", "", self.server + self.tool))
        return (
            not _GLOB.search(self.server), not _GLOB.search(self.tool), literal,
            self.kind is not None,
        )  # fmt: skip


def kinds_of(tool: PinnedTool) -> frozenset[Kind]:
    """What a tool is by its annotations, with the defaults of the MCP specification.

    It is one of read-only, writes and destructive. A prompt or a resource is that, too.
    """
    hints = tool.annotations
    reads = only_reads(hints)
    destroys = not reads and hints.get("destructiveHint") is not False
    found: set[Kind] = {"read-only" if reads else "destructive" if destroys else "writes"}
    if reads or hints.get("idempotentHint") is True:
        found.add("idempotent")
    if hints.get("openWorldHint") is not False:
        found.add("open-world")
    if tool.offered != "tool":
        found.add(tool.offered)
    return frozenset(found)


def cautious_kinds(tool: PinnedTool) -> frozenset[Kind]:
    """What a tool is for rules that ask or refuse: what destroys writes, too."""
    kinds = kinds_of(tool)
    return kinds | {"writes"} if "destructive" in kinds else kinds


def matches(pattern: str, tool: PinnedTool, *, permits: bool = False) -> bool:
    """Whether a pattern means a tool.

    With `permits`, `@writes` means only what writes and does not destroy: whoever allows the one
    has not allowed the other. Without, it means both: whoever is careful with the one is careful
    with the other. Likewise a pattern that is, letter by letter, what a tool is called means that
    tool besides, but without `permits` only: a server could call one `*@reads`. To permit a prompt
    or a resource takes a pattern that says so, `@prompt` or `@resource`.
    """
    return reading_of(pattern, tool, permits=permits) is not None


def reading_of(pattern: str, tool: PinnedTool, *, permits: bool = False) -> Reading | None:
    """The most specific reading of a pattern that means a tool."""
    if not permits and pattern == f"{tool.server}/{tool.name}":
        return Reading(tool.server, tool.name, None)
    fitting = [one for one in readings(pattern) if one.fits(tool.server, tool.name)]
    if permits:
        fitting = [one for one in fitting if _is_like(tool.name, one.tool)]
        if tool.offered != "tool":
            fitting = [one for one in fitting if one.kind == tool.offered]
    kinds = kinds_of(tool) if permits else cautious_kinds(tool)
    fitting = [one for one in fitting if one.kind is None or one.kind in kinds]
    return max(fitting, key=lambda one: one.specificity, default=None)


@lru_cache(maxsize=4096)
def readings(pattern: str) -> tuple[Reading, ...]:
    """Each way to read a pattern; of those with a tool, the ones with the shorter server first."""
    rest, kind = _without_kind(pattern)
    return (*(Reading(s, t, kind) for s, t in _split(rest)), Reading(rest, "*", kind))


def _without_kind(pattern: str) -> tuple[str, Kind | None]:
    rest, _, kind = pattern.rpartition("@")
    return (rest, _NAMES[kind]) if kind in _NAMES and rest else (pattern, None)


def _split(pattern: str) -> Iterator[tuple[str, str]]:
    for found in _SLASH.finditer(pattern):
        server, tool = pattern[: found.start()], pattern[found.end() :]
        if found[1] and server and tool:
            yield server, tool


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or _is_like(name, pattern)


def _is_like(name: str, pattern: str) -> bool:
    return _matcher(pattern)(name) is not None if _GLOB.search(pattern) else name == pattern


def like(names: Mapping[str, object], pattern: str) -> list[str]:
    """Those of some names that a part of a pattern fits, in their order."""
    if pattern == "*":
        return [*names]
    if _GLOB.search(pattern) is None:
        return [pattern] if pattern in names else []
    matcher = _matcher(pattern)
    return [name for name in names if matcher(name) is not None or name == pattern]


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    # `fnmatch` keeps far fewer of them than a policy may have.
    return re.compile(translate(pattern)).match


def option(decision: str, tool: PinnedTool) -> str:
    """The option of a command line that says `decision` to exactly this tool, prompt, resource.

    A character of its name that cannot be seen is any one (`?`), as patterns write it.
    """
    # A server may well call a tool `*` or `x@reads`, and a key may hold a slash.
    server, name = (_SPECIAL.sub(r"[\g<0>]", one) for one in (tool.server, tool.name))
    kind = "" if tool.offered == "tool" else f"@{tool.offered}"
    pattern = "".join(c if c.isprintable() else "?" for c in f"{server}/{name}{kind}")
    return f"--{decision} {shlex.quote(pattern)}"


def check_pattern(pattern: Any) -> None:
    """Raise `ValueError` for what is no pattern."""
    if not isinstance(pattern, str) or not pattern:
        raise ValueError(f"a pattern is a string such as 'server/tool', not {shortened(pattern)}")
    if not pattern.isprintable():
        raise ValueError(
            f"pattern {shortened(pattern)}: write ? for a character that cannot be seen"
        )
    if len(pattern) > MAX_CHARACTERS:
        raise ValueError(f"pattern {shortened(pattern)}: longer than {MAX_CHARACTERS} characters")
    if sum(1 for found in _SLASH.finditer(pattern) if found[1]) > MAX_SLASHES:
        raise ValueError(
            f"pattern {shortened(pattern)}: more than {MAX_SLASHES} slashes: write [/] for those "
            "that belong to a name"
        )
    rest, kind = _without_kind(pattern)
    if rest.startswith("/") or rest.endswith("/"):
        raise ValueError(
            f"pattern {shortened(pattern)}: write SERVER/TOOL, or SERVER for all its tools"
        )
    if kind == "resource" and "{" in rest:
        raise ValueError(f"pattern {shortened(pattern)}: write * where the template has a variable")
    last = pattern.rpartition("@")[2]
    # Of a name that is written out, an @ can be a part. Elsewhere it is a misspelt kind.
    if (
        "@" in _CLASS.sub("", pattern)
        and kind is None
        and ("/" not in pattern or _GLOB.search(pattern))
    ):
        kinds = ", ".join(_NAMES)
        raise ValueError(
            f"pattern {shortened(pattern)}: there is no kind {shortened(last)}; kinds: {kinds}"
        )


def check_key(server: str) -> None:
    """Raise `ValueError` for the key of a server that would mean something else in a pattern."""
    if _GLOB.search(server) or _without_kind(server)[1] or server.strip("/") != server:
        raise ValueError(
            f"server {shortened(server)}: a policy would read this name as a pattern; rename the "
            "server in its configuration"
        )
