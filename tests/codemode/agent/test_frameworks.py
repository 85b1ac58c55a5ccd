"""The examples of other people's loops run, each against a server with its wire format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codemode.agent.scripted_model import Answer, scripted
from tests.codemode.agent.test_chat import RIGHT, WRONG
from tests.codemode.executor.weather import BINDINGS
from tests.patience import HANG_S

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("script", "model"),
    [
        ("with_openai", "gpt-6.1-sol"),
        ("with_anthropic", "claude-sonnet-5-5"),
        ("with_pydantic_ai", "anthropic:claude-sonnet-5-5"),
        pytest.param("with_pydantic_ai", "openai:gpt-6.1-sol", marks=pytest.mark.slow),
        pytest.param("with_pydantic_ai", "openai-chat:gpt-6.1-sol", marks=pytest.mark.slow),
    ],
)
def test_an_example_repairs_a_program_and_answers(
    script: str, model: str, sdk_site: Path, tmp_path: Path
) -> None:
    weather = {"command": BINDINGS["weather"][0], "args": BINDINGS["weather"][1:]}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"weather": weather}}))
    answers = (Answer.program(WRONG), Answer.program(RIGHT), Answer("It is 15 degrees."))
    with scripted(*answers) as server:
        done = subprocess.run(
            [sys.executable, str(ROOT / f"examples/frameworks/{script}.py"), "How", "warm?"],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(sdk_site),
                "MODEL": model,
                "OPENAI_API_KEY": "key",
                "OPENAI_BASE_URL": server.url,
                "ANTHROPIC_API_KEY": "key",
                "ANTHROPIC_BASE_URL": server.url.removesuffix("/v1"),
            },
            capture_output=True,
            text=True,
            timeout=HANG_S,
        )
        assert (done.returncode, done.stdout) == (0, "It is 15 degrees.\n"), done.stderr
        assert not server.problems
        sent = [json.dumps(request) for request in server.requests]
    assert "How warm?" in sent[0] and "You act by writing Python programs" in sent[0]
    assert "did you mean get_weather?" in sent[1]
    assert "15.0 celsius" in sent[2]
