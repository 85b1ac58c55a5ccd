"""Bounds of a policy: of the work that each call costs, and of calls in a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from fnmatch import translate
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.policy.known_tools import KnownTools
from mcp_sdkgen_codemode.policy.patterns import like, matches, readings
from mcp_sdkgen_codemode.policy.policy import Policy

from tests.codemode.broker.guests import Fake, definition, raw_guest
from tests.codemode.policy.test_policy import ADDS, tool


def test_a_pattern_that_can_be_read_in_very_many_ways_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"policy.deny: pattern 'a/a/.*: more than 16 slashes"):
        Policy.read({"deny": ["a/" * 2_000 + "b"]})
    with pytest.raises(ValueError, match=r"policy.budgets: .*longer than 4096 characters"):
        Policy.read({"budgets": {"a" * 5_000: 1}})
    whole = "a[/]" * 1_000 + "b"
    assert Policy.read({"deny": [whole]}).decide(tool(server="other"), {}).decision == "ask"
    assert len(readings(whole)) == 1
    assert len(readings("a/" * 16 + "b")) == 17


def test_a_table_of_very_many_rules_is_an_error() -> None:
    table = {"deny": ["a"] * 600, "ask": ["b"] * 300, "budgets": {"c": 1}}
    Policy.read(table)
    with pytest.raises(ValueError, match=r"policy: 1002 rules, budgets and rates, .* at most 1000"):
        Policy.read({**table, "rates": {f"{n}": 1 for n in range(101)}})


def test_a_table_that_can_be_read_in_very_many_ways_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"policy: .* in 3400 ways, and at most 3000 are tried"):
        Policy.read({"deny": ["*/" * 16 + f"x{n}" for n in range(200)]})
    Policy.read({"deny": ["*[/]" * 15 + f"*/x{n}" for n in range(1_000)]})


def test_a_thousand_patterns_of_many_slashes_are_compared_with_the_tools_that_they_may_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tools = [tool(f"t{n}", server=f"s{n % 3}") for n in range(10_000)]
    compared: list[int] = []

    def counting(names: Mapping[str, object], pattern: str) -> list[str]:
        compared.append(len(names))
        return like(names, pattern)

    monkeypatch.setattr("mcp_sdkgen_codemode.policy.known_tools.like", counting)
    mixed = [f"s0/t{3 * n}" for n in range(500)] + ["*/" * 16 + f"x{n}" for n in range(500)]
    Policy.of(allow=mixed).check(tools)
    # Each reading once with the servers, absent ones too, and those of one server with its names.
    assert sum(compared) < 500 * (2 * 3 + 4_000) + 500 * (17 * 3 + 10_000)
    with pytest.raises(ValueError, match="no tool matches"):
        Policy.of(deny=mixed).check(tools)


NO_HINTS_AND_SOME: tuple[dict[str, Any], ...] = (
    {}, {"readOnlyHint": True}, {"destructiveHint": False},
)  # fmt: skip


@pytest.mark.parametrize("key", ["s", "s/a", "a"])
def test_the_tools_that_are_found_for_a_pattern_are_those_that_it_means(key: str) -> None:
    tools = [
        tool(name, dict(hints), server)
        for server in ("s", "s/a", "a")
        for name in ("t", "a/t", "t@reads", "*", "t*", "[t]")
        for hints in NO_HINTS_AND_SOME
    ]
    known = KnownTools(tools)
    ends = ("", "/t", "/a/t", "/*", "/t*", "/[*]", "/[t]", "/t@reads", "/?", "/a[/]t", "/[[]t]")
    for end in ends:
        for kind in ("", "@writes", "@reads", "@destroys", "@open-world"):
            pattern = f"{key}{end}{kind}"
            wanted = {id(one) for one in tools if matches(pattern, one)}
            assert {id(one) for one in known.matched(pattern)} == wanted, pattern


def test_each_pattern_is_made_ready_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counting(pattern: str) -> str:
        made.append(pattern)
        return translate(pattern)

    monkeypatch.setattr("mcp_sdkgen_codemode.policy.patterns.translate", counting)
    policy = Policy.of(deny=[f"made{n}*/once*" for n in range(1_000)])
    for _ in range(3):
        policy.decide(tool(), {})
    assert len(made) == len(set(made)) == 2_000


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
