"""The loop with a real model, weak as it is: what must hold holds whatever the model writes."""

from __future__ import annotations

import pytest
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.agent.chat import Chat
from mcp_sdkgen_codemode.agent.providers import chosen
from mcp_sdkgen_codemode.agent.transcript import Turn
from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal

from tests.codemode.agent import local_model

REPAIRS = 1
TOKENS = 48


def test_a_small_models_programs_are_checked_run_and_bounded(executor: Executor) -> None:
    python = local_model.python(install=False)
    if python is None:
        pytest.skip("make model-test installs a model of 98 MB and runs this")

    async def ask(url: str) -> list[Turn]:
        model = await chosen(None, url)
        async with Chat(
            executor,
            model,
            programs="blocks",
            repairs=REPAIRS,
            requests=3,
            budget=1_000,
            max_tokens=TOKENS,
        ) as chat:
            await chat.ask("Write a Python program that prints 2 + 2, in a ```python block.")
            await chat.ask("Write a Python program that prints the weather in Oslo.")
            return chat.turns

    with local_model.serving(python) as url:
        turns = run_on_portal(ask, url)
    ran = [step for turn in turns for step in turn.steps if step.outcome is not None]
    assert ran, "it wrote no program at all"
    for step in ran:
        assert step.outcome is not None
        if step.outcome.status == "rejected":
            assert step.outcome.diagnostics and not step.outcome.calls
            assert all(f"line {found.line}" in step.text for found in step.outcome.diagnostics)
        if step.outcome.ok:
            assert not step.outcome.diagnostics
    for turn in turns:
        assert turn.ended in ("answered", "repairs", "requests"), turn
        assert 0 < turn.usage.output_tokens <= TOKENS * turn.usage.requests
        assert turn.usage.requests <= 3
        wrong = [s for s in turn.steps if s.outcome is not None and not s.outcome.ok]
        assert len(wrong) <= REPAIRS + 1
