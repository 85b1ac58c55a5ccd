"""Policy: which calls are allowed, which a person is asked about, and which are refused.

1. A `deny` rule that matches refuses, whatever else matches.
2. Of the `allow` and `ask` rules that match, the most specific decides; of equally specific ones,
   `ask`. A literal server is more specific than a pattern, then a literal tool, then a longer
   pattern, then one with a kind, then one with `where`.
3. Where no rule matches, a tool that is pinned as read-only is allowed, a prompt, and a resource
   that the SDK knows. Everything else, also what says nothing of itself, is asked about.

A tool whose schema no validator can read is allowed only by a rule: otherwise it is asked about,
because nothing else judges its arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

from mcp_sdkgen_runtime.schema.validation import Check
from mcp_sdkgen_runtime.text import printable, shortened

from .conditions import condition
from .known_tools import KnownTools
from .patterns import check_key, check_pattern, kinds_of, matches, reading_of, readings
from .services import PinnedResource, PinnedTool

_UNKNOWN: Final = "the SDK of its server has no such resource"
_NOT_PLAIN: Final = (
    "its URI is not in the normal form of RFC 3986, so it may name another resource than it shows"
)
_UNTRUSTED: Final = "nobody has trusted the file that says where the server is"

MAX_RULES: Final = 1_000
"""A table with more rules, budgets and rates is refused: each is asked at each call."""
MAX_READINGS: Final = 3_000
"""So many ways may there be to read all patterns of a table: each is compared with all tools."""

Decision: TypeAlias = Literal["allow", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What policy says to a call, and why, in words for the program and its reader."""

    decision: Decision
    why: str


@dataclass(frozen=True)
class Rule:
    """One rule. `pattern` is `SERVER/TOOL`, each with `*`, `?` and `[…]`, by wire names.

    `SERVER` alone means all its tools. `@reads`, `@writes`, `@destroys`, `@idempotent` or
    `@open-world` at the end keeps the rule to tools of that kind (see `kinds_of`); `@writes` of a
    rule that asks or denies is for what destroys too. `@prompt` and `@resource` keep it to prompts
    and resources, which a rule that allows means only then. `where` maps names of arguments to what
    they must be for the rule to match: a value they equal, or `{ "schema": … }`, a JSON Schema (see
    `condition`); an argument that is left out does not match. `is_typed` says that whoever
    starts the run has typed it, for what is there. Raises `ValueError`.
    """

    decision: Decision
    pattern: str
    where: Mapping[str, Any] | None = None
    is_typed: bool = False

    def __post_init__(self) -> None:
        if self.decision not in get_args(Decision):
            raise ValueError(
                f"a rule's decision is allow, ask or deny, not {shortened(self.decision)}"
            )
        check_pattern(self.pattern)
        if self.where is not None:
            try:
                _ = self._where
            except ValueError as error:
                raise ValueError(f"rule `{self}`: {error}") from None

    def __str__(self) -> str:
        return printable(f"{self.decision} {self.pattern}")

    @cached_property
    def _where(self) -> Check | None:
        return None if self.where is None else condition(self.where, permits=self.permits)

    @property
    def permits(self) -> bool:
        """Whether it lets something through."""
        return self.decision == "allow"

    def matches(self, tool: PinnedTool, arguments: Mapping[str, Any]) -> bool:
        """Whether the rule speaks about this call. In doubt only a refusal does."""
        if not matches(self.pattern, tool, permits=self.permits):
            return False
        if self._where is None:
            return True
        try:
            return self._where(arguments) is None
        except Exception:
            return not self.permits

    def names(self, tool: PinnedTool) -> bool:
        """Whether it speaks about a tool that it matches by its whole name, and not by a part."""
        reading = reading_of(self.pattern, tool, permits=self.permits)
        return reading is not None and reading.is_literal

    def specificity(self, tool: PinnedTool) -> tuple[Any, ...]:
        """Orders rules that match a tool: the greater, the more specific."""
        reading = reading_of(self.pattern, tool, permits=self.permits)
        assert reading is not None
        return *reading.specificity, self.where is not None


@dataclass(frozen=True)
class Policy:
    """The rules of a run; budgets: how many calls a pattern has in one run; and rates: how many it
    has in any minute, over all runs of an executor.

    Every budget and rate whose pattern matches a call is charged; a call beyond one is refused.
    `general` are the patterns that were written for more servers than those at hand: it is no
    mistake if they match nothing.
    """

    rules: Sequence[Rule] = ()
    budgets: Mapping[str, int] = field(default_factory=dict)
    rates: Mapping[str, int] = field(default_factory=dict)
    general: Collection[str] = ()

    def __post_init__(self) -> None:
        for what, numbers in (("budget", self.budgets), ("rate", self.rates)):
            for pattern, calls in numbers.items():
                check_pattern(pattern)
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
        count = sum(len(each) for each in table.values() if isinstance(each, Sequence | Mapping))
        if count > MAX_RULES:
            raise ValueError(
                f"{place}: {count} rules, budgets and rates, of which at most {MAX_RULES} are "
                "read: write patterns that mean more, such as SERVER for all its tools"
            )
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
        ways = sum(len(readings(one)) for one in read._patterns)
        if ways > MAX_READINGS:
            raise ValueError(
                f"{place}: its patterns can be read in {ways} ways, and at most {MAX_READINGS} "
                "are tried: write [/] for the slashes that belong to a name"
            )
        return read

    def __or__(self, other: Policy) -> Policy:
        """Both policies' rules; a budget or rate of `other` replaces one of the same pattern."""
        return Policy(
            [*self.rules, *other.rules],
            {**self.budgets, **other.budgets},
            {**self.rates, **other.rates},
            self._general_with(other),
        )

    def tightened(self, other: Policy) -> Policy:
        """This policy with what `other` refuses, asks about and counts; nothing it allows is
        allowed here, and no number of calls becomes greater."""
        return Policy(
            [*self.rules, *(rule for rule in other.rules if rule.decision != "allow")],
            _least(self.budgets, other.budgets),
            _least(self.rates, other.rates),
            self._general_with(other),
        )

    def typed(self) -> Policy:
        """This policy as one that whoever starts the run has typed."""
        return replace(self, rules=[replace(rule, is_typed=True) for rule in self.rules])

    def generalised(self) -> Policy:
        """This policy, of which nothing needs to match one of the tools at hand."""
        return replace(self, general=self._patterns)

    @property
    def _patterns(self) -> frozenset[str]:
        return frozenset((*(rule.pattern for rule in self.rules), *self.budgets, *self.rates))

    def _general_with(self, other: Policy) -> frozenset[str]:
        """The patterns that are general wherever they stand in either."""
        either = (self, other)
        return self._patterns.union(other._patterns).difference(
            *(one._patterns.difference(one.general) for one in either)
        )

    def decide(
        self, tool: PinnedTool, arguments: Mapping[str, Any], *, untrusted: bool = False
    ) -> Verdict:
        """What this policy says to a call. `untrusted` says that a file which was found, and which
        nobody has trusted, tells where the server is: it may be a stranger's, whatever its name, so
        only what was typed for this run allows more than no rule at all does.
        """
        matching = [rule for rule in self.rules if rule.matches(tool, arguments)]
        if untrusted:
            unheeded = [rule for rule in matching if rule.permits and not rule.is_typed]
            heeded = replace(self, rules=[rule for rule in self.rules if rule not in unheeded])
            verdict = heeded.decide(tool, arguments)
            if not unheeded or verdict.decision != "ask":
                return verdict
            return Verdict("ask", f"`{unheeded[0]}` is ignored: {_UNTRUSTED}; {verdict.why}")
        for rule in matching:
            if rule.decision == "deny":
                return Verdict("deny", f"the rule `{rule}` refuses it")
        if isinstance(tool, PinnedResource) and not tool.is_plain:
            matching = [rule for rule in matching if rule.names(tool)]
        # `ask` sorts after `allow`, so it wins among the equally specific.
        chosen = max(matching, key=lambda one: (one.specificity(tool), one.decision), default=None)
        if chosen is not None:
            return Verdict(chosen.decision, f"the rule `{chosen}` says so")
        if tool.check is None:
            return Verdict(
                "ask", "its arguments cannot be checked, since its schema cannot be read"
            )
        if isinstance(tool, PinnedResource) and not tool.known:
            return Verdict("ask", _UNKNOWN if tool.is_plain else _NOT_PLAIN)
        kinds = kinds_of(tool)
        if "read-only" in kinds:
            return Verdict("allow", "it is read-only")
        if "readOnlyHint" not in tool.annotations:
            return Verdict("ask", "it is not annotated as read-only")
        return Verdict("ask", "it may destroy" if "destructive" in kinds else "it writes")

    def check(self, tools: Iterable[PinnedTool], absent: Collection[str] = ()) -> None:
        """Raise `ValueError` for what would be silently without effect.

        That is a rule that asks or denies, a budget or a rate which matches none of `tools`, or
        depends on an argument that no such tool has, unless its pattern is general; a pattern of
        which two readings mean different servers; and a server whose key is itself a pattern.
        `absent` are the keys of servers that are known but whose tools are not.
        """
        known = KnownTools(tools, absent)
        keys = known.keys
        restricting = [
            rule for rule in self.rules if not rule.permits and rule.pattern not in self.general
        ]
        if self._patterns:
            for key in sorted(keys):
                check_key(key)
        for pattern in (*(rule.pattern for rule in self.rules), *self.budgets, *self.rates):
            known.check_unambiguous(pattern)
        for pattern in (*(rule.pattern for rule in restricting), *self.budgets, *self.rates):
            if pattern not in self.general and not known.means_one(pattern):
                told = f"servers are {', '.join(map(shortened, sorted(keys)))}" if keys else ""
                if "://" in pattern:
                    told += "; a pattern of a resource's URI ends in @resource"
                raise ValueError(
                    f"no tool matches {shortened(pattern)}, so it protects nothing; {told}"
                )
        for rule in restricting:
            _check_arguments(rule, known)

    def unmatched(self, tools: Iterable[PinnedTool]) -> list[str]:
        """The patterns that let through and match none of `tools`: most likely misspelt, unless
        they are general, which are left out."""
        known = KnownTools(tools)
        allowed = [rule.pattern for rule in self.rules if rule.permits]
        patterns = [pattern for pattern in allowed if pattern not in self.general]
        return [one for one in patterns if not known.matched(one)]


def _least(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    return {**one, **{pattern: min(n, one.get(pattern, n)) for pattern, n in other.items()}}


def _check_arguments(rule: Rule, tools: KnownTools) -> None:
    """Refuse a condition on an argument that none of the tools has."""
    if not rule.where:
        return
    declared = [tool.arguments for tool in tools.matched(rule.pattern)]
    if not declared and any(one.kind == "resource" for one in readings(rule.pattern)):
        declared = [["uri"]]  # its resources are not listed
    for name in rule.where:
        if declared and all(known is not None and name not in known for known in declared):
            raise ValueError(
                f"rule `{rule}`: `where`: no tool that it matches has an argument {shortened(name)}"
            )


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
