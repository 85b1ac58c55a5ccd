"""Policy: who decides about a call, and what a refusal says."""

from __future__ import annotations

import asyncio
import shlex
import tomllib
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.policy.policy import Policy, Rule, matches, option
from mcp_sdkgen_codemode.policy.services import PinnedTool

from tests.codemode.broker.guests import Fake, definition, raw_guest

READS = {"readOnlyHint": True}
ADDS = {"readOnlyHint": False, "destructiveHint": False}
DESTROYS = {"readOnlyHint": False, "destructiveHint": True}


def tool(
    name: str = "create_issue", hints: dict[str, Any] | None = None, server: str = "github"
) -> PinnedTool:
    return PinnedTool(server, definition(name, hints or {}))


def test_the_option_for_a_tool_that_is_called_like_a_pattern_means_that_tool_alone() -> None:
    named = tool("get_[a]*")
    advice = option("allow", named)
    [pattern] = shlex.split(advice)[1:]
    assert matches(pattern, named)
    assert not matches(pattern, tool("get_all"))


@pytest.mark.parametrize(
    ("hints", "decision", "why"),
    [
        (READS, "allow", "read-only"),
        (ADDS, "ask", "it writes"),
        (DESTROYS, "ask", "may destroy"),
        ({"readOnlyHint": False}, "ask", "may destroy"),
        ({}, "ask", "does not say"),
        ({"idempotentHint": True}, "ask", "does not say"),
        ({"readOnlyHint": "yes"}, "ask", ""),
        ({"readOnlyHint": True, "destructiveHint": True}, "ask", ""),
    ],
)
def test_without_rules_only_what_is_pinned_as_read_only_is_allowed(
    hints: dict[str, Any], decision: str, why: str
) -> None:
    verdict = Policy().decide(tool(hints=hints), {})
    assert verdict.decision == decision
    assert why in verdict.why


@pytest.mark.parametrize(
    ("options", "decision"),
    [
        ({"allow": ["github/create_issue"]}, "allow"),
        ({"allow": ["github"]}, "allow"),
        ({"allow": ["*"]}, "allow"),
        ({"allow": ["git*/create_*"]}, "allow"),
        ({"allow": ["gitlab", "github/delete_*"]}, "ask"),
        ({"allow": ["GitHub"]}, "ask"),
        ({"allow": ["github/create_issue"], "deny": ["*"]}, "deny"),
        ({"allow": ["github/create_issue"], "ask": ["github"]}, "allow"),
        ({"allow": ["github"], "ask": ["github/create_issue"]}, "ask"),
        ({"allow": ["*/create_issue"], "ask": ["github/create_*"]}, "ask"),
        ({"allow": ["github/create_*"], "ask": ["github/create_i*"]}, "ask"),
        ({"allow": ["github/create_issue"], "ask": ["github/create_issue"]}, "ask"),
        ({"allow": ["github"], "deny": ["*@destructive"]}, "deny"),
        ({"allow": ["github@read-only"]}, "ask"),
        ({"allow": ["github@writes"]}, "allow"),
        ({"allow": ["*@open-world"]}, "allow"),
        ({"allow": ["*@idempotent"]}, "ask"),
        ({"allow": ["github"], "ask": ["github@writes"]}, "ask"),
    ],
)
def test_deny_wins_then_the_most_specific_then_ask(options: dict[str, Any], decision: str) -> None:
    assert Policy.of(**options).decide(tool(), {}).decision == decision


def test_an_exact_name_matches_itself_whatever_is_in_it() -> None:
    for name in ("a/b", "a[1]", "what?", "x@read-only", "@", "ünï"):
        policy = Policy.of(deny=[f"github/{name}"])
        assert policy.decide(tool(name), {}).decision == "deny"
        assert policy.decide(tool("other"), {}).decision == "ask"


def test_a_rule_can_depend_on_arguments() -> None:
    where = {"owner": "acme", "count": {"maximum": 3}}
    policy = Policy([Rule("allow", "github/create_issue", where), Rule("ask", "github")])
    decisions = [
        policy.decide(tool(), arguments).decision
        for arguments in (
            {"owner": "acme", "count": 3},
            {"owner": "acme", "count": 4},
            {"owner": "other", "count": 1},
            {"owner": "acme"},
            {},
        )
    ]
    assert decisions == ["allow", "ask", "ask", "ask", "ask"]
    careful = Policy([Rule("allow", "github"), Rule("deny", "github", {"owner": "acme"})])
    assert careful.decide(tool(), {"owner": "acme"}).decision == "deny"
    assert careful.decide(tool(), {"owner": "me"}).decision == "allow"


def test_a_table_of_a_configuration_file_is_a_policy() -> None:
    table = tomllib.loads(
        """
        allow = ["weather", { tool = "github/create_issue", where = { owner = "acme" } }]
        ask = ["*@destructive"]
        deny = ["github/delete_*"]
        budgets = { "github/*" = 20 }
        rates = { "github" = 60, "*" = 90 }
        """
    )
    policy = Policy.read(table, "[tool.mcp-sdkgen.policy]")
    assert policy.decide(tool(), {"owner": "acme"}).decision == "allow"
    assert policy.decide(tool("delete_repo"), {}).decision == "deny"
    assert policy.budgets == {"github/*": 20}
    stricter = policy | Policy.of(deny=["weather"], budgets={"github/*": 1}, rates={"*": 9})
    assert stricter.decide(tool("x", READS, "weather"), {}).decision == "deny"
    assert stricter.budgets == {"github/*": 1}
    assert stricter.rates == {"github": 60, "*": 9}
    assert policy.unmatched([tool(), tool("delete_x")]) == ["weather"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "p: a table"),
        ({"alow": []}, "p: unknown key 'alow'"),
        ({"allow": "weather"}, "p.allow: a list"),
        ({"allow": [1]}, "p.allow: "),
        ({"allow": [""]}, "p.allow: a pattern"),
        ({"deny": ["/x"]}, "p.deny: pattern '/x'"),
        ({"deny": ["x/"]}, "p.deny: pattern 'x/'"),
        ({"deny": ["*@destuctive"]}, "no kind 'destuctive'"),
        ({"allow": [{"where": {}}]}, "p.allow: "),
        ({"allow": [{"tool": "x", "when": {}}]}, "p.allow: "),
        ({"allow": [{"tool": "x", "where": 1}]}, "p.allow: `where`"),
        ({"allow": [{"tool": "x", "where": {"a": {"type": "nonsense"}}}]}, "no valid JSON Schema"),
        ({"budgets": {"x": -1}}, "p.budgets: budget 'x'"),
        ({"budgets": {"x": True}}, "p.budgets: budget 'x'"),
        ({"budgets": 3}, "p.budgets: a table"),
        ({"rates": {"x": 1.5}}, "p.rates: rate 'x'"),
    ],
)
def test_a_wrong_table_says_where_it_is_wrong(table: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Policy.read(table, "p")
    assert message in str(caught.value)


def answers(policy: Policy | None, *calls: str) -> tuple[list[Any], Fake]:
    fake = Fake()
    service = fake.service(definition("read"), definition("it's", ADDS), definition("write", ADDS))

    async def main() -> list[Any]:
        found = []
        async with raw_guest(Run(Broker({"fake": service}), policy=policy)) as (guest, _):
            for number, name in enumerate(calls):
                guest.call(number, name)
                found.append(await guest.frame())
        return found

    return asyncio.run(main()), fake


def test_unattended_an_ask_is_a_refusal_that_names_the_option() -> None:
    (plain, quoted), fake = answers(None, "write", "it's")
    assert "Allow it with --allow fake/write" in plain["error"]["message"]
    assert "it writes" in plain["error"]["message"]
    assert """--allow 'fake/it'"'"'s'""" in quoted["error"]["message"]
    assert fake.asked == []


def test_a_denied_call_names_its_rule() -> None:
    (answer,), _ = answers(Policy.of(deny=["fake/re*"]), "read")
    assert answer["error"]["message"] == "not allowed: the rule `deny fake/re*` refuses it"


def test_a_budget_counts_over_all_tools_of_its_pattern() -> None:
    policy = Policy.of(allow=["fake"], budgets={"fake/*": 3, "fake/write": 1})
    found, fake = answers(policy, "read", "write", "write", "read", "read")
    assert ["result" in answer for answer in found] == [True, True, False, True, False]
    assert "budget of 1 calls for fake/write" in found[2]["error"]["message"]
    assert "budget of 3 calls for fake/*" in found[4]["error"]["message"]
    assert len(fake.asked) == 3


def test_a_rate_counts_the_last_minute_over_all_runs() -> None:
    policy = Policy.of(allow=["fake"], rates={"fake": 2, "fake/write": 1})
    fake, now_s = Fake(), [100.0]
    service = fake.service(definition("read"), definition("write", ADDS))
    broker = Broker({"fake": service}, clock=lambda: now_s[0])

    async def call(name: str) -> Any:
        async with raw_guest(Run(broker, policy=policy)) as (guest, _):
            guest.call(1, name)
            return await guest.frame()

    async def main() -> None:
        assert "result" in await call("write")
        now_s[0] += 30
        refused = await call("write")
        assert "1 calls a minute for fake/write are used up" in refused["error"]["message"]
        assert "can be made in 30 s" in refused["error"]["message"]
        assert "result" in await call("read")
        assert "2 calls a minute for fake are used up" in (await call("read"))["error"]["message"]
        now_s[0] += 30
        assert "result" in await call("write")
        assert "error" in await call("read")
        now_s[0] += 30
        assert "result" in await call("read")

    asyncio.run(main())
    assert [name for name, _ in fake.asked] == ["write", "read", "write", "read"]
