"""What is told of a program that failed for want of what a sandbox has not."""

from __future__ import annotations

import pytest
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.prompting.confinement import FOR_MODELS, Want, wanted
from mcp_sdkgen_codemode.prompting.outcome_text import report


@pytest.mark.parametrize(
    ("program", "want"),
    [
        ("open('mcp.json')", "file"),
        ("open('/usr/new', 'w')", "writing"),
        ("import urllib.request\nurllib.request.urlopen('http://example.com')", "outside"),
        ("import socket\nsocket.create_connection(('192.0.2.1', 80))", "outside"),
        ("import subprocess\nsubprocess.run(['ls'])", "outside"),
        ("input()", "input"),
    ],
)
def test_a_program_that_fails_for_its_sandbox_is_told_what_there_is_instead(
    executor: Executor, program: str, want: Want
) -> None:
    outcome = executor.run(program)
    assert outcome.status == "failed"
    assert wanted(outcome.error) == want
    assert FOR_MODELS[want] in report(outcome).text


def test_of_any_other_failure_the_sandbox_is_not_accused(executor: Executor) -> None:
    outcome = executor.run("[][1]")
    assert outcome.error is not None
    assert wanted(outcome.error) is None
    assert not any(words in report(outcome).text for words in FOR_MODELS.values())
