"""`python tools/interpreters.py FOLDER`: try every other Python of this machine, 3.11 and newer.

Each gets a virtual environment in the folder, with `make demo`: it is set up, SDKs of four servers
are built, and a program calls them. Then, where there is bubblewrap, a program runs in the sandbox.
This runs without what it tries, so it has the standard library alone.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST = (3, 11)

_ASK = "import sys; print(sys.implementation.name, '%d.%d.%d' % sys.version_info[:3])"
_NAME = re.compile(r"python3(\.\d+)?")


def interpreters() -> dict[str, str]:
    """Every CPython here that is new enough: version, such as `3.11.2`, to one of its paths.

    They are looked for on the PATH, and where pyenv and uv install them.
    """
    found: dict[str, str] = {}
    for path in dict.fromkeys(_candidates()):
        told = _output(path, "-c", _ASK).split()
        if told[:1] == ["cpython"] and _numbers(told[1]) >= OLDEST:
            found.setdefault(told[1], path)
    return dict(sorted(found.items(), key=lambda item: _numbers(item[0])))


def _candidates() -> Iterator[str]:
    for folder in filter(None, os.environ.get("PATH", "").split(os.pathsep)):
        if Path(folder).is_dir():
            yield from (str(f) for f in sorted(Path(folder).iterdir()) if _NAME.fullmatch(f.name))
    for command in (("pyenv", "root"), ("uv", "python", "dir")):
        told = _output(*command).strip()
        if told:
            homes = Path(told, "versions") if command[0] == "pyenv" else Path(told)
            yield from map(str, sorted(homes.glob("*/bin/python3")))


def _output(*command: str) -> str:
    """What a command prints; nothing where it is not there or fails."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return "" if done.returncode else done.stdout


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def main(folder: Path) -> int:
    """Try all but the one that runs this. How many of them failed."""
    own = ".".join(map(str, sys.version_info[:3]))
    if shutil.which("bwrap") is None:
        _say("no program runs in the sandbox: bubblewrap is not installed")
    problems = 0
    for version, path in interpreters().items():
        if version != own:
            started = time.monotonic()
            problem = tried(path, folder.absolute() / version)
            problems += bool(problem)
            took = f"{time.monotonic() - started:.0f} s"
            _say(
                f"Python {version}: {'failed' if problem else 'works'}, {took}\n{problem}".rstrip()
            )
    return problems


def tried(python: str, environment: Path) -> str:
    """What went wrong with an interpreter, told in full; nothing where all went well."""
    shutil.rmtree(environment, ignore_errors=True)
    commands = [["make", "demo", f"PYTHON={python}", f"VENV={environment}"]]
    if shutil.which("bwrap"):
        commands.append([str(environment / "bin" / "mcp-sdkgen"), "demo", "devops"])
    for command in commands:
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if done.returncode:
            return f"$ {shlex.join(command)}\n{done.stdout}"
    return ""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) > 0)
