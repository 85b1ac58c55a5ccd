"""What `chat` makes of the question of each use case, with a model that follows a script."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from mcp_sdkgen.cli.demo.perform import built
from mcp_sdkgen.cli.demo.use_case import USE_CASES, names, read
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.agent.chat import Chat
from mcp_sdkgen_codemode.agent.providers import chosen
from mcp_sdkgen_codemode.agent.transcript import Turn
from mcp_sdkgen_codemode.policy.approval import from_callback
from mcp_sdkgen_runtime.concurrency.portal import run

from tests.codemode.agent.scripted_model import Answer, scripted


@pytest.mark.slow
@pytest.mark.parametrize("name", names(USE_CASES))
def test_a_model_that_writes_the_program_reads_only_what_it_prints(
    name: str, tmp_path: Path
) -> None:
    case = read(USE_CASES, name)
    if any(find_spec(package) is None for package in case.packages):
        pytest.skip(f"needs {', '.join(case.packages)}")
    made, policy = built(case, tmp_path)

    async def asked(url: str) -> Turn:
        model = await chosen(None, url)
        async with executor, Chat(executor, model) as chat:
            return await chat.ask(case.question)

    executor = Executor(
        sdks=made.sdks,
        bindings=made.bindings,
        policy=policy,
        approver=from_callback(lambda request: True),
        packages=case.packages,
    )
    with scripted(Answer.program(case.program), Answer("That is all.")) as script:
        turn = run(asked, script.url)
    assert (turn.ended, turn.answer, script.problems) == ("answered", "That is all.", [])
    first, last = script.requests
    [told] = [message["content"] for message in last["messages"] if message["role"] == "tool"]
    printed = (USE_CASES / name / "expected.txt").read_text()
    assert printed.splitlines()[-1] in told or case.runs > 1
    assert printed.splitlines()[0] in told
    # Calls return up to 1.8 MB; of that, nothing but the program's words went to the model.
    assert len(told) < 3_000
    assert case.question in str(first["messages"])
