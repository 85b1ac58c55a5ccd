"""Policy: who decides about a call, and what a refusal says."""

from __future__ import annotations

import asyncio
import shlex
import tomllib
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.policy.patterns import kinds_of, matches, option
from mcp_sdkgen_codemode.policy.policy import Policy, Rule
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


@pytest.mark.parametrize("hidden", ["\n", "\x1b", "\u200b", "\u202e", "\u2028", "\xa0", "\ud800"])
def test_a_pattern_is_in_one_line_that_can_be_seen(hidden: str) -> None:
    named = tool(f"read{hidden}all")
    with pytest.raises(ValueError, match=r"write \? for a character that cannot be seen"):
        Policy.read({"deny": [f"github/read{hidden}all"]})
    [pattern] = shlex.split(option("deny", named))[1:]
    assert pattern == "github/read?all"
    assert Policy.read({"deny": [pattern]}).decide(named, {}).decision == "deny"


@pytest.mark.parametrize(
    ("hints", "decision", "why"),
    [
        (READS, "allow", "read-only"),
        (ADDS, "ask", "it writes"),
        (DESTROYS, "ask", "may destroy"),
        ({"readOnlyHint": False}, "ask", "may destroy"),
        ({}, "ask", "not annotated as read-only"),
        ({"idempotentHint": True}, "ask", "not annotated as read-only"),
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
        ({"allow": ["github@writes"]}, "ask"),
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
        (
            {"allow": [{"tool": "x", "where": {"a": {"type": "prod"}}}]},
            "a value and as a JSON Schema",
        ),
        ({"allow": [{"tool": "x", "where": {"a": {"properties": {}}}}]}, "{ equals = {…} }"),
        ({"allow": [{"tool": "x", "where": {"a": {"schema": 3}}}]}, "{ schema = {…} }"),
        (
            {"allow": [{"tool": "x", "where": {"a": {"schema": {"type": "nonsense"}}}}]},
            "'a': this is no valid JSON Schema",
        ),
        (
            {"allow": [{"tool": "x", "where": {"a": {"schema": {"maximun": 3}}}}]},
            "no keyword 'maximun'",
        ),
        (
            {"deny": [{"tool": "x", "where": {"a": {"schema": {"not": {"enumm": [3]}}}}}]},
            "no keyword 'enumm'",
        ),
        (
            {"deny": [{"tool": "x", "where": {"a": {"schema": {"format": "emial"}}}}]},
            "'a': this is no valid JSON Schema",
        ),
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


@pytest.mark.parametrize(
    ("wanted", "allowed", "asked"),
    [
        ({"env": "dev"}, {"env": "dev"}, {"env": "prod"}),
        ({"env": "dev"}, {"env": "dev"}, {"env": "dev", "more": 1}),
        ({"equals": {"type": "string"}}, {"type": "string"}, "text"),
        (["a"], ["a"], ["b"]),
        ({"schema": {"pattern": "^eng-"}}, "eng-alerts", "sales"),
        ({"pattern": "^eng-"}, "eng-alerts", "sales"),
        ({"type": "string", "maxLength": 3}, "abc", 3),
        ({"schema": {"format": "email"}}, "a@b.example", "nobody"),
    ],
)
def test_where_takes_values_as_they_are_and_schemas_that_are_marked(
    wanted: Any, allowed: Any, asked: Any
) -> None:
    policy = Policy([Rule("allow", "github", {"target": wanted})])
    assert policy.decide(tool(), {"target": allowed}).decision == "allow"
    assert policy.decide(tool(), {"target": asked}).decision == "ask"


ACME = "io.github.acme/mail"


@pytest.mark.parametrize(
    "pattern",
    [
        ACME, f"{ACME}/send", f"{ACME}/*", "io.github.acme/*/send", "io.github.*", "*/send",
        "io.github.acme[/]mail/send", "io.github.acme[/]mail",
    ],
)  # fmt: skip
def test_a_server_whose_key_has_a_slash_can_be_denied(pattern: str) -> None:
    denied = Policy.of(deny=[pattern])
    send = tool("send", READS, ACME)
    denied.check([send, tool("read", READS, "github")])
    assert denied.decide(send, {}).decision == "deny"


def test_the_option_for_a_tool_of_a_server_with_a_slash_means_that_tool_alone() -> None:
    [pattern] = shlex.split(option("allow", tool("mail/x", {}, "acme")))[1:]
    assert matches(pattern, tool("mail/x", {}, "acme"))
    assert not matches(pattern, tool("x", {}, "acme/mail"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"deny": ["githib"]}, "no tool matches 'githib'"),
        ({"deny": ["github/delete"]}, "no tool matches 'github/delete'"),
        ({"ask": ["github/delete"]}, "no tool matches 'github/delete'"),
        ({"budgets": {"githib": 3}}, "no tool matches 'githib'"),
        ({"rates": {"githib": 3}}, "no tool matches 'githib'"),
        ({"deny": ["acme/*"]}, "can mean the servers 'acme' and 'acme/mail'"),
        ({"allow": ["acme/mail"]}, "can mean the servers 'acme' and 'acme/mail'"),
    ],
)
def test_what_would_protect_nothing_is_an_error(options: dict[str, Any], message: str) -> None:
    known = [tool(), tool("mail", {}, "acme"), tool("send", {}, "acme/mail")]
    with pytest.raises(ValueError, match=r".") as caught:
        Policy.of(**options).check(known)
    assert message in str(caught.value)


def test_what_protects_something_or_may_is_none() -> None:
    known = [tool(), tool("mail", {}, "acme"), tool("send", {}, "acme/mail")]
    Policy.of(
        allow=["nothing"], ask=["*@destructive"], deny=["github@reads", "*/*", "later/delete_*"]
    ).check(known, ["later"])
    Policy.of(deny=["acme[/]*", "acme/mai?/*"]).check(known[:1] + known[2:])


def test_what_was_written_for_more_servers_may_match_nothing_unless_it_is_also_asked_for_here() -> (
    None
):
    known = [PinnedTool("github", definition("create", properties={"owner": {"type": "string"}}))]
    general = Policy(
        [Rule("deny", "later/delete_*"), Rule("ask", "git*", {"ownr": "acme"})],
        {"later": 3},
        {"later": 60},
    ).generalised()
    both = Policy.of(deny=["github"]).tightened(general)
    both.check(known)
    assert both.decide(tool("delete_all", READS, "later"), {}).decision == "deny"
    (both | Policy.of(allow=["github"])).check(known)
    for named in (Policy.of(deny=["later"]), Policy.of(deny=["later/delete_*"])):
        with pytest.raises(ValueError, match="no tool matches 'later"):
            (both | named).check(known)


def test_a_condition_on_an_argument_that_no_tool_has_is_an_error() -> None:
    known = PinnedTool("github", definition("create", properties={"owner": {"type": "string"}}))
    Policy([Rule("deny", "github", {"owner": "acme"})]).check([known])
    with pytest.raises(ValueError, match="no tool that it matches has an argument 'ownr'"):
        Policy([Rule("deny", "github", {"ownr": "acme"})]).check([known])


@pytest.mark.parametrize("key", ["*", "git*", "a[b]", "x@writes", "/x", "x/"])
def test_the_key_of_a_server_that_is_a_pattern_itself_is_an_error(key: str) -> None:
    with pytest.raises(ValueError, match="rename the server in its configuration"):
        Policy.of(allow=["github"]).check([tool()], [key])
    Policy().check([tool()], [key])


@pytest.mark.parametrize(
    ("hints", "kinds"),
    [
        (READS, {"read-only", "idempotent", "open-world"}),
        (ADDS, {"writes", "open-world"}),
        (DESTROYS, {"destructive", "open-world"}),
        ({}, {"destructive", "open-world"}),
        ({"readOnlyHint": True, "destructiveHint": True}, {"destructive", "open-world"}),
        (ADDS | {"idempotentHint": True}, {"writes", "idempotent", "open-world"}),
        (READS | {"openWorldHint": False}, {"read-only", "idempotent"}),
    ],
)
def test_a_tool_reads_or_writes_or_destroys(hints: dict[str, Any], kinds: set[str]) -> None:
    assert kinds_of(tool(hints=hints)) == kinds


@pytest.mark.parametrize(
    ("kind", "hints", "allowed", "refused"),
    [
        ("reads", READS, True, True),
        ("read-only", READS, True, True),
        ("writes", READS, False, False),
        ("writes", ADDS, True, True),
        ("writes", DESTROYS, False, True),
        ("destroys", ADDS, False, False),
        ("destroys", DESTROYS, True, True),
        ("destructive", {}, True, True),
        ("idempotent", ADDS, False, False),
        ("open-world", ADDS, True, True),
    ],
)
def test_allowing_writes_allows_no_destruction_and_denying_them_denies_it(
    kind: str, hints: dict[str, Any], allowed: bool, refused: bool
) -> None:
    one = tool(hints=hints)
    assert matches(f"github@{kind}", one, permits=True) is allowed
    assert matches(f"github@{kind}", one) is refused
    allow, deny = Policy.of(allow=[f"*@{kind}"]), Policy.of(allow=["*"], deny=[f"*@{kind}"])
    without = "allow" if hints == READS else "ask"
    assert allow.decide(one, {}).decision == ("allow" if allowed else without)
    assert deny.decide(one, {}).decision == ("deny" if refused else "allow")


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
