"""The sandboxes that root makes are made by a plain user as well."""

from __future__ import annotations

import os
import sys

import pytest

from tests.codemode.sandbox import plain_user
from tests.codemode.sandbox.engines import bubblewrap


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_all_the_same_holds_for_a_plain_user() -> None:
    bubblewrap()
    files = ["tests/codemode/sandbox/test_attacks.py", "tests/codemode/sandbox/test_sandboxes.py"]
    ran = plain_user.run(
        [
            sys.executable, "-m", "pytest", "-q", "-n", "2", "-rs", "-p", "no:cacheprovider",
            *files,
        ]
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    skipped = [line for line in ran.stdout.splitlines() if line.startswith("SKIPPED")]
    assert [line for line in skipped if "run as that user" not in line] == []
