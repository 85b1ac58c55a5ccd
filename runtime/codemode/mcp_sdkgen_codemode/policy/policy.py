"""Policy: which calls are allowed, which a person is asked about, and which are refused.

1. A `deny` rule that matches refuses, whatever else matches.
2. Of the `allow` and `ask` rules that match, the most specific decides; of equally specific ones,
   `ask`. A literal server is more specific than a pattern, then a literal tool, then a longer
   pattern, then one with a kind, then one with `where`.
3. Where no rule matches, a tool that is pinned as read-only is allowed. Everything else, also what
   says nothing of itself, is asked about.

A tool whose schema no validator can read is allowed only by a rule: otherwise it is asked about,
because nothing else judges its arguments.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

from mcp_sdkgen_runtime.schema.validation import Check, compiled
from mcp_sdkgen_runtime.text import printable, shortened

from .services import PinnedTool

Decision: TypeAlias = Literal["allow", "ask", "deny"]
Kind: TypeAlias = Literal["read-only", "writes", "destructive", "idempotent", "open-world"]

_KINDS: Final[tuple[str, ...]] = get_args(Kind)
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What policy says to a call, and why, in words for the program and its reader."""

    decision: Decision
    why: str


def kinds_of(tool: PinnedTool) -> frozenset[Kind]:
    """What a tool is by its pinned annotations, with the defaults of the MCP specification.

    A tool is read-only only if it says so and does not call itself destructive as well.
    """
    hints = tool.annotations
    reads = hints.get("readOnlyHint") is True and hints.get("destructiveHint") is not True
    found: set[Kind] = {"read-only" if reads else "writes"}
    if not reads and hints.get("destructiveHint") is not False:
        found.add("destructive")
    if reads or hints.get("idempotentHint") is True:
        found.add("idempotent")
    if hints.get("openWorldHint") is not False:
        found.add("open-world")
    return frozenset(found)


@dataclass(frozen=True)
class Rule:
    """One rule. `pattern` is `SERVER/TOOL`, each with `*`, `?` and `[…]`, by wire names.

    `SERVER` alone means all its tools. `@read-only`, `@writes`, `@destructive`, `@idempotent` or
    `@open-world` at the end keeps the rule to tools of that kind (see `kinds_of`). `where` maps
    names of arguments to what they must be for the rule to match: a value they equal, or a JSON
    Schema; an argument that is left out does not match. Raises `ValueError`.
    """

    decision: Decision
    pattern: str
    where: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.decision not in get_args(Decision):
            raise ValueError(f"a rule allows, asks or denies; not {shortened(self.decision)}")
        _check_pattern(self.pattern)
        if self.where is not None and self._where is None:
            raise ValueError(f"rule {self}: `where` holds no valid JSON Schema")

    def __str__(self) -> str:
        return printable(f"{self.decision} {self.pattern}")

    @cached_property
    def _where(self) -> Check | None:
        if self.where is None:
            return None
        properties = {
            name: wanted if isinstance(wanted, Mapping) else {"const": wanted}
            for name, wanted in self.where.items()
        }
        return compiled({"properties": properties, "required": list(properties)}, certain=True)

    def matches(self, tool: PinnedTool, arguments: Mapping[str, Any]) -> bool:
        """Whether the rule speaks about this call. In doubt only a refusal does."""
        if not matches(self.pattern, tool):
            return False
        if self._where is None:
            return True
        try:
            return self._where(arguments) is None
        except Exception:
            return self.decision != "allow"

    @property
    def specificity(self) -> tuple[bool, bool, int, bool, bool]:
        """Orders rules: the greater, the more specific."""
        server, tool, kind = _parts(self.pattern)
        literal = len(re.sub(r"\[[^\]]*\]|[*?]", "", server + tool))
        return (
            not _GLOB.search(server), not _GLOB.search(tool), literal,
            kind is not None, self.where is not None,
        )  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """The rules of a run; budgets: how many calls a pattern has in one run; and rates: how many it
    has in any minute, over all runs of an executor.

    Every budget and rate whose pattern matches a call is charged; a call beyond one is refused.
    """

    rules: Sequence[Rule] = ()
    budgets: Mapping[str, int] = field(default_factory=dict)
    rates: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what, numbers in (("budget", self.budgets), ("rate", self.rates)):
            for pattern, calls in numbers.items():
                _check_pattern(pattern)
                if type(calls) is not int or calls < 0:
                    told = f"{what} {shortened(pattern)}: a number of calls, not {calls!r}"
                    raise ValueError(told)

    @classmethod
    def of(
        cls,
        *,
        allow: Iterable[str] = (),
        ask: Iterable[str] = (),
        deny: Iterable[str] = (),
        budgets: Mapping[str, int] | None = None,
        rates: Mapping[str, int] | None = None,
    ) -> Policy:
        """A policy from patterns, as options on a command line have them. Raises `ValueError`."""
        given: Sequence[tuple[Decision, Iterable[str]]] = (
            ("allow", allow), ("ask", ask), ("deny", deny),
        )  # fmt: skip
        rules = [Rule(decision, one) for decision, patterns in given for one in patterns]
        return cls(rules, budgets or {}, rates or {})

    @classmethod
    def read(cls, table: Mapping[str, Any], place: str = "policy") -> Policy:
        """A policy from a table of a configuration file. Raises `ValueError` that says where.

        allow = ["weather", "github/get_*", { tool = "github/create_issue", where = { owner = "acme" } }]
        ask = ["*@destructive"]
        deny = ["github/delete_*"]
        budgets = { "github/*" = 20 }
        rates = { "github" = 60 }
        """  # noqa: E501
        if not isinstance(table, Mapping):
            raise ValueError(f"{place}: a table, not {shortened(table)}")
        known = (*get_args(Decision), "budgets", "rates")
        if unknown := sorted(set(table) - {*known}):
            told = f"unknown key {shortened(unknown[0])}; known are {', '.join(known)}"
            raise ValueError(f"{place}: {told}")
        rules = [
            _read_rule(decision, entry, f"{place}.{decision}")
            for decision in get_args(Decision)
            for entry in _listed(table.get(decision, []), f"{place}.{decision}")
        ]
        read = cls(rules)
        for name in ("budgets", "rates"):
            numbers = table.get(name, {})
            if not isinstance(numbers, Mapping):
                raise ValueError(f"{place}.{name}: a table, not {shortened(numbers)}")
            try:
                given: dict[str, Any] = {name: numbers}
                read = replace(read, **given)
            except ValueError as error:
                raise ValueError(f"{place}.{name}: {error}") from None
        return read

    def __or__(self, other: Policy) -> Policy:
        """Both policies' rules; a budget or rate of `other` replaces one of the same pattern."""
        return Policy(
            [*self.rules, *other.rules],
            {**self.budgets, **other.budgets},
            {**self.rates, **other.rates},
        )

    def decide(self, tool: PinnedTool, arguments: Mapping[str, Any]) -> Verdict:
        """What this policy says to a call."""
        matching = [rule for rule in self.rules if rule.matches(tool, arguments)]
        for rule in matching:
            if rule.decision == "deny":
                return Verdict("deny", f"the rule `{rule}` refuses it")
        # `ask` sorts after `allow`, so it wins among the equally specific.
        chosen = max(matching, key=lambda one: (one.specificity, one.decision), default=None)
        if chosen is not None:
            return Verdict(chosen.decision, f"the rule `{chosen}` says so")
        if tool.check is None:
            return Verdict("ask", "nothing can check its arguments: no validator reads its schema")
        kinds = kinds_of(tool)
        if "read-only" in kinds:
            return Verdict("allow", "it is read-only")
        if "readOnlyHint" not in tool.annotations:
            return Verdict("ask", "it does not say that it only reads")
        return Verdict("ask", "it may destroy" if "destructive" in kinds else "it writes")

    def unmatched(self, tools: Iterable[PinnedTool]) -> list[str]:
        """The patterns that match none of `tools`: most likely misspelt."""
        known = list(tools)
        patterns = [*(rule.pattern for rule in self.rules), *self.budgets, *self.rates]
        return [one for one in patterns if not any(matches(one, tool) for tool in known)]


def matches(pattern: str, tool: PinnedTool) -> bool:
    """Whether a pattern means a tool."""
    if pattern == f"{tool.server}/{tool.name}":
        return True
    server, name, kind = _parts(pattern)
    return (
        _fits(tool.server, server)
        and _fits(tool.name, name)
        and (kind is None or kind in kinds_of(tool))
    )


def option(decision: Decision, tool: PinnedTool) -> str:
    """The option of a command line that says `decision` to exactly this tool."""
    # A server may well call a tool `*`.
    exact = _GLOB.sub(r"[\g<0>]", f"{tool.server}/{tool.name}")
    return printable(f"--{decision} {shlex.quote(exact)}")


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)


def _parts(pattern: str) -> tuple[str, str, str | None]:
    rest, _, kind = pattern.rpartition("@")
    if kind not in _KINDS or not rest:
        rest, kind = (pattern, "")
    server, slash, tool = rest.partition("/")
    return server, tool if slash else "*", kind or None


def _check_pattern(pattern: Any) -> None:
    if not isinstance(pattern, str) or not pattern:
        raise ValueError(f"a pattern is a text like 'server/tool', not {shortened(pattern)}")
    server, tool, _ = _parts(pattern)
    if not server or not tool:
        raise ValueError(
            f"pattern {shortened(pattern)}: write SERVER/TOOL, or SERVER for all of it"
        )
    last = pattern.rpartition("@")[2]
    # Of a name that is written out, an @ can be a part. Elsewhere it is a misspelt kind.
    if "@" in pattern and last not in _KINDS and ("/" not in pattern or _GLOB.search(pattern)):
        kinds = ", ".join(_KINDS)
        raise ValueError(f"pattern {shortened(pattern)}: no kind {shortened(last)}; kinds: {kinds}")


def _listed(found: Any, place: str) -> Sequence[Any]:
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise ValueError(f"{place}: a list, not {shortened(found)}")
    return found


def _read_rule(decision: Decision, entry: Any, place: str) -> Rule:
    try:
        if isinstance(entry, str):
            return Rule(decision, entry)
        if not isinstance(entry, Mapping) or set(entry) - {"tool", "where"} or "tool" not in entry:
            raise ValueError(f"a pattern, or a table with `tool` and `where`; not {entry!r:.80}")
        where = entry.get("where")
        if where is not None and not isinstance(where, Mapping):
            raise ValueError(f"`where` is a table, not {shortened(where)}")
        return Rule(decision, entry["tool"], where)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
