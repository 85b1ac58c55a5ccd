"""What is for the host alone has a type that nothing takes which renders for models."""

from __future__ import annotations

import ast
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.executor.trace import trace
from mcp_sdkgen_codemode.host_only import NOTHING, HostOnly
from mcp_sdkgen_codemode.outcome import Call, Outcome
from mcp_sdkgen_codemode.prompting.outcome_text import report
from mcp_sdkgen_codemode.prompting.outputs import Outputs
from mcp_sdkgen_codemode.serve.render import run_answer

PACKAGE = Path(__file__).parents[2] / "runtime" / "codemode" / "mcp_sdkgen_codemode"
WORDS = "/srv/somebody/.secret-place"
HIDDEN = HostOnly(WORDS)

LEAKS = {
    "a fence": "fence(hidden, 'problem')",
    "notes": "with_notes('', [hidden])",
    "an answer of the server": "answer(hidden, CheckResult(ok=True, diagnostics=[], notes=[]))",
    "data of an answer": (
        "CallMade(server='s', tool='t', status='failed', seconds=0, message=hidden)"
    ),
    "a note on a run": "report(Outcome('failed'), notes=[hidden])",
    "the reason of an outcome": "Outcome('failed', reason=hidden)",
    "a part of an outcome": "shown: dict[str, str] = {'calls': hidden}",
    "the message of a call": "Call('s', 't', 'failed', 0, 0, 0, 0, hidden)",
    "a refusal": "Refusal('failed', 'session', hidden)",
    "an error for the guest": "error_body(-32000, hidden)",
    "a reply to a framework": "Reply(hidden)",
    "joined texts": "', '.join([hidden])",
    "a sum of texts": "'said: ' + hidden",
}
PROGRAM = """\
from mcp_sdkgen_codemode.agent.tools import Reply
from mcp_sdkgen_codemode.broker.replies import Refusal, error_body
from mcp_sdkgen_codemode.host_only import HostOnly
from mcp_sdkgen_codemode.outcome import Call, Outcome
from mcp_sdkgen_codemode.prompting.answers import with_notes
from mcp_sdkgen_codemode.prompting.outcome_text import report
from mcp_sdkgen_codemode.prompting.prompt import fence
from mcp_sdkgen_codemode.serve.render import answer
from mcp_sdkgen_codemode.serve.schemas import CallMade, CheckResult
hidden = HostOnly("x")
"""
REVEALING = {
    "outcome.py": "`as_json`, for the host",
    "broker/journal.py": "the file of the host",
    "executor/trace.py": "the page for the host",
    "sandbox/engines/engine.py": "the message of `SandboxError`, which the host prints",
    "sandbox/selection.py": "the report of `doctor`",
    "serve/runs.py": "the log of the host",
}
"""The only modules of code mode that ask for the words, and why they may."""


def test_the_type_checker_finds_every_way_to_a_model(tmp_path: Path) -> None:
    lines = PROGRAM.splitlines()
    wrong = tmp_path / "wrong.py"
    wrong.write_text("\n".join([*lines, *LEAKS.values()]) + "\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(wrong)]
    command += ["--cache-dir", str(tmp_path / "cache")]
    said = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path).stdout
    found = {int(line.split(":")[1]) for line in said.splitlines() if ": error:" in line}
    numbered = dict(enumerate(LEAKS, len(lines) + 1))
    assert {numbered.get(line, f"line {line}: {said}") for line in found} == set(LEAKS)


def test_only_what_is_for_the_host_asks_for_the_words() -> None:
    asking = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("for_host", "_words"):
                asking.add(path.relative_to(PACKAGE).as_posix())
    assert asking - {"host_only.py"} == set(REVEALING)


@pytest.fixture
def outcome() -> Outcome:
    call = Call("fake", "read", "failed", 0, 0, 0, 0, "no answer came", detail=HIDDEN)
    return Outcome("killed", reason="its journal is gone", calls=(call,), detail=HIDDEN)


def test_models_are_told_the_kind_and_the_host_the_place(outcome: Outcome) -> None:
    told = report(outcome).text, run_answer(outcome, Outputs(), []).model_dump_json()
    for text in told:
        assert "no answer came" in text and "its journal is gone" in text
        assert WORDS not in text
    for text in (json.dumps(outcome.as_json()), trace(outcome, "pass")):
        assert text.count(WORDS) == 2


def test_formatted_by_mistake_nothing_of_the_words_is_shown(outcome: Outcome) -> None:
    shown = f"{HIDDEN} {HIDDEN!r} {outcome} {dataclasses.asdict(outcome)}"
    assert WORDS not in shown
    assert not NOTHING and HIDDEN


def test_secrets_are_not_even_for_the_host() -> None:
    assert HostOnly("password=hunter22, in /etc").for_host() == "password=[redacted], in /etc"
