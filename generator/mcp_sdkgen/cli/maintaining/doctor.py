"""`mcp-sdkgen doctor`: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from ..show import safe, say, stderr, stdout

_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class _Program:
    """A program that servers are often started with."""

    name: str
    needed_for: str
    fix: str


_PROGRAMS = (
    _Program("npx", "servers written in Node", "Install Node.js: https://nodejs.org"),
    _Program("uvx", "servers that are run with uv", "Install uv: python -m pip install uv"),
)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> int:
    """Say which sandbox engines work here.

    For the others it says why, and what to do. Exits with 0 when programs can be run in a sandbox,
    and with 1 when they cannot.
    """
    from mcp_sdkgen_codemode.sandbox import examine

    if not as_json:
        stderr.print("testing the sandbox engines (the first time takes some seconds) ...")
    engines = [report.as_json() for report in examine()]
    found = {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "engines": engines,
        "programs": {one.name: shutil.which(one.name) for one in _PROGRAMS},
        "can_run_programs": any(engine["works"] for engine in engines),
    }
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        _show(found)
    return 0 if found["can_run_programs"] else 1


def _show(found: dict[str, Any]) -> None:
    python_is_good = sys.version_info >= _OLDEST_PYTHON
    _line(python_is_good, f"Python {found['python']} on {found['system']}")
    for engine in found["engines"]:
        name = f"sandbox engine {engine['engine']} (isolation level {engine['isolation_level']})"
        _line(engine["works"], name if engine["works"] else f"{name}: {engine['reason']}")
        if engine["fix"]:
            _indented(engine["fix"])
    for program in _PROGRAMS:
        path = found["programs"][program.name]
        _line(path is not None, f"{program.name}, for {program.needed_for}")
        if path is None:
            _indented(program.fix)
    if not found["can_run_programs"]:
        stdout.print("No engine works, so `run` refuses: nothing is ever run unprotected.")


def _line(good: bool, text: str) -> None:
    say(stdout, safe(f"{'ok' if good else 'no':3} {text}", "" if good else "yellow"))


def _indented(text: str) -> None:
    for line in text.splitlines():
        say(stdout, safe(f"    {line}"))
