"""Hostile and faulty programs against the sandboxes, and against a sandbox that is no good."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.codemode.sandbox import sandboxes
from tests.codemode.sandbox.engines import Weakened, bubblewrap
from tests.codemode.sandbox.judging import judged

PROGRAMS = sorted(sandboxes.ATTACKS.glob("[0-9]*.py"))
SECRET = "CANARY_" + "VALUE_7391"


@pytest.fixture(scope="module", autouse=True)
def bait() -> Iterator[None]:
    """What a sandbox must not reach: a variable, a file, a listener."""
    canary = Path("/var/tmp/canary_secret")
    if not canary.exists():
        canary.write_text(SECRET)
        canary.chmod(0o644)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    with listener, pytest.MonkeyPatch.context() as patch:
        with suppress(OSError):  # another user's run of these tests listens there: as good
            listener.bind(("127.0.0.1", 18765))
            listener.listen()
        patch.setenv("CANARY", SECRET)
        os.putenv("CANARY", SECRET)
        yield


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_an_attack_meets_its_expectation(path: Path) -> None:
    met, ran = judged(bubblewrap(), path)
    assert met, ran


SHOWN = (
    "26_read_host_secrets", "27_environment", "29_auxv_and_stack_secrets", "30_write_outside",
    "32_symlink_escape", "35_open_sockets", "38_host_loopback", "41_ptrace_parent",
    "42_proc_self_mem", "44_new_namespaces", "45_kernel_surface", "47_exec_programs",
    "56_orphan_daemon",
)  # fmt: skip
"""Attacks that a weakened sandbox lets through, and that do this machine no harm when it does."""


def test_the_same_checks_fail_on_a_weakened_sandbox() -> None:
    bubblewrap()
    # Not in `tmp_path`, which no other user can enter.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        weak = Weakened(Path(folder))
        survived = [path.stem for path in PROGRAMS if path.stem in SHOWN and judged(weak, path)[0]]
    assert len(survived) <= len(SHOWN) // 3, survived
