"""`mcp-sdkgen` in this process, which saves a second of imports for each use.

What is about the process itself (signals, terminals, the first second) starts one of its own.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
from pathlib import Path

from mcp_sdkgen.cli import main


def mcp_sdkgen(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `mcp-sdkgen` with these words, in `cwd`; what it printed, and its exit code."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
    arguments = [str(word) for word in words]
    with (
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(arguments)
    printed = []
    for stream in (out, err):
        stream.seek(0)
        printed.append(stream.read())
    return subprocess.CompletedProcess(arguments, code, *printed)
