"""Running something as a plain user, from root, wherever root keeps Python and this checkout."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

UID = 65532

ROOT = Path(__file__).parents[3]


def view() -> list[str]:
    """A command that shows the machine with our folders reachable for every user.

    Root's home is closed to others, and is where pyenv and CI like to put things: what stands
    in its place here has our folders alone.
    """
    words = ["bwrap", "--dev-bind", "/", "/"]
    shown = {Path(os.path.realpath(sys.base_prefix)), Path(sys.prefix), ROOT}
    closed = {top for path in shown if (top := _closed(path)) is not None}
    for top in sorted(closed):
        words += ["--tmpfs", str(top)]
    for path in sorted(shown):
        if (top := _closed(path)) is not None:
            for folder in reversed(path.parents):
                if top in folder.parents:
                    words += ["--perms", "0755", "--dir", str(folder)]
            words += ["--ro-bind", str(path), str(path)]
    return [*words, "--"]


def _closed(path: Path) -> Path | None:
    """The topmost folder above a path that other users cannot enter."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


def run(
    words: list[str], *, before: list[str] | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as a plain user with an empty home, and wait for it.

    `before` is a command that runs it, as root still.
    """
    home = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="plain-"))
    try:
        os.chown(home, UID, UID)
        variables = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(env or {}),
        }
        drop = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]
        drop += ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
        return subprocess.run(
            [*(before or []), *view(), *drop, "--", *words],
            cwd=ROOT, env=variables, text=True, capture_output=True,
        )  # fmt: skip
    finally:
        shutil.rmtree(home, ignore_errors=True)
