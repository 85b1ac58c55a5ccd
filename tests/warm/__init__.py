"""Python that has imported the libraries already, for tests that start many processes.

`mcp-sdkgen`, and a server made with the `mcp` package, spend most of a short life on imports. Here
one process for each worker of pytest does the imports once, and forks itself for each command. Each
is a process of its own as ever: its session, terminal, folder, variables, streams, signals and exit
code are those of a real one, and nothing that it does stays.

What is about the start itself (imports, an installation, limits, another user, the first second of
a process) is started with `sys.executable` instead.
"""

from __future__ import annotations

import atexit
import os
import shlex
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

_HERE = Path(__file__).parent
_FOLDER = tempfile.mkdtemp(prefix="mcp-sdkgen-warm-")
_SOCKET = f"{_FOLDER}/socket"

PYTHON = [sys.executable, "-I", "-S", str(_HERE / "client.py"), _SOCKET]
"""Takes what `python` takes: a script, `-m MODULE` or `-c CODE`, and arguments."""

COMMAND = [*PYTHON, "-m", "mcp_sdkgen"]
"""Takes what `mcp-sdkgen` takes."""


def commands(folder: Path) -> Path:
    """`folder`, made and filled with `python` and `mcp-sdkgen`, for the front of a PATH."""
    folder.mkdir(exist_ok=True)
    script = Path(sys.executable).with_name("mcp-sdkgen")
    for name, words in {"python": PYTHON, "mcp-sdkgen": [*PYTHON, str(script)]}.items():
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        command.chmod(0o755)
    return folder


def _start() -> None:
    """Start the process that is forked. It imports nothing before it is asked to."""
    owner = os.getpid()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(_SOCKET)
        listening.listen(64)
        process = subprocess.Popen(
            [sys.executable, str(_HERE / "server.py"), str(listening.fileno()), _FOLDER],
            cwd="/",
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            stdin=subprocess.PIPE,  # when this ends, so does the process
            pass_fds=[listening.fileno()],
            start_new_session=True,
        )

    def end() -> None:
        if os.getpid() == owner:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()

    atexit.register(end)


_start()
