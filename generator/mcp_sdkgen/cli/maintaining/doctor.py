"""`mcp-sdkgen doctor`: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from ...config import nearest
from ...errors import ConfigError
from ...source import resolve
from ...source.fetch import take_all_sync
from .. import extras, options
from ..show import headed, safe, say, stderr, stdout

FORMAT = "mcp-sdkgen/doctor/1"
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


_EXTRAS = (
    ("pydantic_ai", "chat", extras.CHAT),
    ("watchfiles", "check --watch", extras.WATCH),
)
"""A module, what it is for, and the packages that bring it."""
_KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY")


def doctor(
    servers: Annotated[
        bool, typer.Option("--servers", help="Also ask every configured server for its tools.")
    ] = False,
    config: options.Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> int:
    """Say what works here: sandboxes, configuration, keys, extras.

    For what does not work it says why, and what to do. The last line says whether programs can run
    here. Exits with 0 when programs can be run in a sandbox, and with 1 when they cannot, or when a
    server that was asked does not answer.
    """
    from mcp_sdkgen_codemode.sandbox import examine

    if not as_json:
        stderr.print("testing the sandbox engines (the first time takes some seconds) ...")
    engines = [report.as_json() for report in examine()]
    found: dict[str, Any] = {
        "format": FORMAT,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "engines": engines,
        "programs": {one.name: shutil.which(one.name) for one in _PROGRAMS},
        "configuration": _configuration(config),
        "keys": {name: bool(os.environ.get(name)) for name in _KEYS},
        "extras": {name: find_spec(module) is not None for module, name, _ in _EXTRAS},
        "servers": _servers(config) if servers else None,
        "can_run_programs": any(engine["works"] for engine in engines),
    }
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        _show(found)
    answered = not any(found["servers"].values()) if found["servers"] else True
    return 0 if found["can_run_programs"] and answered else 1


def _configuration(config: Path | None) -> dict[str, Any]:
    """The configuration that is named, else the nearest: its servers, or what is wrong with it."""
    try:
        if config is not None:
            sources = resolve([str(config)]).sources
            return {"error": "", "servers": [source.name for source in sources]}
        near = nearest(Path.cwd())
    except ConfigError as error:
        return {"error": str(error), "servers": []}
    names = [server.name for server in near.servers] if near is not None else []
    return {"error": "", "servers": names}


def _servers(config: Path | None) -> dict[str, str]:
    """What is wrong with each server of the configuration; empty where it answers."""
    try:
        sources = resolve([str(config)] if config else []).sources
    except ConfigError as error:
        return {"configuration": str(error)}
    with stderr.status("asking the servers"):  # shown on a terminal only
        taken = take_all_sync(sources)
    return {one.source.name: str(one.error or "") for one in taken}


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
    _show_set_up(found)
    working = [engine["engine"] for engine in found["engines"] if engine["works"]]
    if working:
        say(stdout, safe(f"Programs can run here, in {working[0]}.", "bold green"))
    else:
        # `run` refuses then: nothing is ever run unprotected.
        fixes = [engine["fix"] for engine in found["engines"] if engine["fix"]]
        first = fixes[0].splitlines()[0] if fixes else "Use a machine with Linux."
        say(stdout, safe(f"Programs cannot run here. {first}", "bold yellow"))


def _show_set_up(found: dict[str, Any]) -> None:
    configuration = found["configuration"]
    if configuration["error"]:
        _line(False, f"configuration: {configuration['error']}")
    elif configuration["servers"]:
        _line(True, f"configuration with servers: {', '.join(configuration['servers'])}")
    else:
        _line(False, "no configuration with servers in this folder or above")
        _indented("Name one with --config, or write an mcp.json.")
    for name, wrong in (found["servers"] or {}).items():
        _line(not wrong, wrong or f"server {name} answers")
    for module, name, packages in _EXTRAS:
        _line(found["extras"][name], f"{module}, for `{name}`")
        if not found["extras"][name]:
            _indented(extras.how_to_install(*packages))
    keys = [name for name, is_set in found["keys"].items() if is_set]
    _line(bool(keys), f"API keys of models, for `chat`: {', '.join(keys) or 'none is set'}")
    if not keys:
        _indented(f"Set {' or '.join(_KEYS)}, or use `chat --base-url`.")


def _line(good: bool, text: str) -> None:
    say(stdout, headed(f"{'ok' if good else 'no':3} {text}", "" if good else "yellow"))


def _indented(text: str) -> None:
    for line in text.splitlines():
        say(stdout, safe(f"    {line}"))
