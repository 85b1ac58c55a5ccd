"""Marks tests by what they use, and says at the end what was skipped for want of what."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_runtime.config import binding

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    # However pytest was started, `tests` and `benchmarks` can be imported.
    sys.path.insert(0, ROOT)

from tests.tiers import MARKS, marks_of  # noqa: E402

COSTLY_PROGRAMS = ("python", "node", "bwrap", "docker", "podman", "chrom")
started: list[str] = []
"""Such programs that the present test has started. What is over in a moment is left out."""


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.addinivalue_line("markers", "quick: does nothing of all that; `make quick` runs these")
    if config.option.markexpr == "quick":
        sys.addaudithook(_note_process)


def _note_process(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen" and Path(str(arguments[0])).name.startswith(COSTLY_PROGRAMS):
        started.append(str(arguments[0]))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function):
            for name in sorted(marks_of(item)):
                item.add_marker(name)
            if not any(mark.name in (*MARKS, "slow") for mark in item.iter_markers()):
                item.add_marker("quick")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """A quick test that starts a program after all is a mistake in `tiers.py`, and is told."""
    started.clear()
    result = yield
    assert not started, f"started {started[0]}, which tests/tiers.py did not foresee"
    return result


@pytest.fixture(autouse=True)
def _of_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `serve` changes for its whole process ends with the test that ran it."""
    monkeypatch.setattr(binding, "_only_trusted", False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The last lines: what was not tested, how many tests of it, and for want of what."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("skipped")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count:5} {'tests' if count > 1 else 'test'}: {reason}")
