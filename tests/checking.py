"""Generated SDKs on disk, and what `mypy --strict` says about them and about programs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from mcp_sdkgen.emit.generate import Generated
from mcp_sdkgen_runtime.files import cache_folder

Errors = dict[str, list[str]]
"""`<file>:<line>` → the codes of the errors there, sorted, each once."""

_ERROR = re.compile(r"^(?P<place>.+?:\d+): error: .*\[(?P<code>[a-z-]+)\]$")
_MARK = re.compile(r"  # error: (?P<codes>[a-z, -]+)$")


def write(sdk: Generated, root: Path) -> Path:
    """Write an SDK's sources to `root/<slug>`, and return that folder."""
    folder = root / sdk.slug
    for path, text in sdk.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return folder


def type_errors(sdks: Iterable[Generated], programs: Iterable[Path], root: Path) -> Errors:
    """Check packages and programs in one run; files are named relative to `root`.

    Programs may stand anywhere, even under the same name. Unused `type: ignore` comments and
    errors without a place are errors too.
    """
    named = {
        f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for path in programs
    }
    for sdk in sdks:
        for path, text in sdk.files.items():
            if path.startswith(f"{sdk.package}/"):
                named[path] = text
    for path, text in named.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    command += ["--hide-error-context", "--show-error-codes", "--scripts-are-modules"]
    command += ["--namespace-packages", "--explicit-package-bases"]
    command += ["--cache-dir", str(cache_folder() / "mypy"), "."]
    done = subprocess.run(
        command,
        cwd=root,
        capture_output=True,
        text=True,
        env={**os.environ, "MYPY_FORCE_COLOR": "0"},
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: Errors = {}
    for line in done.stdout.splitlines():
        if match := _ERROR.match(line):
            found.setdefault(match["place"], []).append(match["code"])
        elif ": error: " in line:
            found.setdefault(line, []).append("unplaced")
    return {place: sorted(set(codes)) for place, codes in found.items()}


def marked_errors(program: Path) -> Errors:
    """The errors that the comments of a program ask for."""
    lines = program.read_text(encoding="utf-8").splitlines()
    return {
        f"{program.parent.name}/{program.name}:{number}": match["codes"].split(", ")
        for number, line in enumerate(lines, 1)
        if (match := _MARK.search(line))
    }
