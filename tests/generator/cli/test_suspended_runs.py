"""Suspended runs of `serve`, as `approve` lists them and `resume` goes on with them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from mcp_sdkgen.cli.running.approve import suspended_folder
from mcp_sdkgen.cli.watch import Watch
from mcp_sdkgen_codemode.broker.journal import Journal
from mcp_sdkgen_codemode.policy.approval_record import CallToApprove
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover

from tests.command_line import mcp_sdkgen

RUN = "run-0123456789abcdef"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """That of a run that waits for approval of `demo/write`."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    suspended_folder().mkdir(parents=True)
    made = Journal.create(suspended_folder() / f"{RUN}.jsonl", "print(1)")
    call = CallToApprove("binding", "demo", "write", "digest", {})
    asyncio.run(made.asking(made.claim("demo", "write", {}), call))
    return made


def test_a_run_that_has_ended_is_not_listed_and_cannot_be_decided(journal: Journal) -> None:
    journal.close()
    assert mcp_sdkgen("approve").stdout == f"{RUN}: waits for demo/write\n"
    assert mcp_sdkgen("approve", RUN, "--no").returncode == 0
    assert mcp_sdkgen("approve").stdout == f"{RUN}: is decided, and waits to be resumed\n"
    again = mcp_sdkgen("approve", RUN, "--no")
    assert again.returncode == 2
    assert f"{RUN}: the run waits for no approval" in again.stderr

    ended = Journal.open(journal.path)
    ended.end("finished")
    ended.close()
    listed = mcp_sdkgen("approve")
    assert (listed.returncode, listed.stdout) == (0, "")
    assert "no run of `serve` is suspended" in listed.stderr
    late = mcp_sdkgen("approve", RUN, "--no")
    assert late.returncode == 2
    assert f"{RUN}: the run has ended: finished" in late.stderr


def test_a_run_is_resumed_by_the_name_that_approve_lists(journal: Journal) -> None:
    journal.end("finished")
    journal.close()
    done = mcp_sdkgen("resume", RUN)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the run has ended: finished" in done.stderr
    missing = mcp_sdkgen("resume", "run-fedcba9876543210")
    assert "`mcp-sdkgen approve` lists the suspended runs" in missing.stderr


def test_the_record_of_an_approval_names_the_terminal_where_it_was_given() -> None:
    # Made without a terminal: only who would answer is asked for.
    terminal = TerminalApprover.__new__(TerminalApprover)
    asking = Watch().asking(terminal)
    assert getattr(asking, "who", "callback") == "terminal"
