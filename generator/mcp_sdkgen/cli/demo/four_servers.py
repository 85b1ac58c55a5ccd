"""The demonstration without a name: SDKs of four servers, installed, and a program on them."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...emit.package_data import data
from ...errors import BuildError, ConfigError
from ...package.verify import mypy_command
from ...pipeline import build
from ...report import Report
from ..show import safe, say, stdout
from ..show_work import progress, show_report
from .use_case import USE_CASES, names

PROGRAM = "compare_weather.py"
PUBLIC = {"time": "mcp_server_time", "git": "mcp_server_git"}

_READY = "http://"


def four_servers() -> int:
    """Build SDKs of four real servers, install them, and run a program that calls them all.

    Two of the servers are examples of ours, one over stdio and one over streamable HTTP; the other
    two are public ones, `mcp-server-time` and `mcp-server-git`. Everything happens in a folder that
    is removed at the end, and everything shown happened. Exit code 0: all went well. Raises
    `ConfigError` where the servers or pip are not installed.
    """
    needed = ("pip", *PUBLIC.values())
    missing = [module.replace("_", "-") for module in needed if find_spec(module) is None]
    if missing:
        raise ConfigError(
            f"not installed: {', '.join(missing)}",
            hint="install them into the environment of mcp-sdkgen; from a checkout: '.[demo]'",
        )
    with tempfile.TemporaryDirectory(prefix="mcp-sdkgen-demo-") as scratch, _calculator() as url:
        return _run(Path(scratch), url)


def _run(scratch: Path, url: str) -> int:
    config = scratch / "mcp.json"
    config.write_text(json.dumps({"mcpServers": _servers()}, indent=1))
    os.environ["CALCULATOR_URL"] = url
    _say("1", "Four servers: weather, time and git over stdio, calculator over streamable HTTP")
    _say("2", "mcp-sdkgen build mcp.json")
    report = _build(config, scratch / "sdks")
    if report.exit_code:
        return 1
    python = borrowing_environment(scratch / "environment")
    dist = scratch / "sdks" / "dist"
    wheels = sorted(path.name for path in dist.glob("*.whl"))
    install(python, dist)
    _say("3", f"pip install: {len(wheels)} wheels into a scratch environment")
    # Beside an installed package, mypy would take the program for a part of it.
    program = scratch / PROGRAM
    shutil.copy(data("examples") / PROGRAM, program)
    _type_check(python, program, [server.package for server in report.servers])
    _say("4", f"mypy --strict {PROGRAM}: no errors")
    _say("5", f"python {PROGRAM}")
    done = subprocess.run(
        [python, str(program), str(_repository(scratch / "repository"))],
        env={**_clean_environment(), "MCP_SDKGEN_CONFIG": str(config), "CALCULATOR_URL": url},
        cwd=scratch,
        capture_output=True,
        text=True,
        timeout=120,
    )
    for line in done.stdout.splitlines():
        stdout.print(safe(line), soft_wrap=True)
    if done.returncode:
        raise BuildError("the program failed", detail=done.stderr[-2000:])
    stdout.print()
    _say("6", f"More: mcp-sdkgen demo --compare, and demo NAME: {', '.join(names(USE_CASES))}")
    return 0


def _servers() -> dict[str, Any]:
    weather = data("examples") / "servers" / "weather.py"
    return {
        "weather": {"command": sys.executable, "args": [str(weather)]},
        "calculator": {"type": "http", "url": "${CALCULATOR_URL}"},
        **{
            name: {"command": sys.executable, "args": ["-P", "-m", m]} for name, m in PUBLIC.items()
        },
    }


@contextmanager
def _calculator() -> Iterator[str]:
    """The calculator over streamable HTTP, on a port of its own choice; gives its URL."""
    script = data("examples") / "servers" / "calculator.py"
    process = subprocess.Popen(
        [sys.executable, str(script), "--http", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if _READY in line:
                yield _READY + line.split(_READY, 1)[1].split()[0]
                return
        raise BuildError("the calculator server did not start")
    finally:
        process.terminate()
        process.wait(10)
        process.stderr.close()


def _build(config: Path, out: Path) -> Report:
    with progress() as tell:
        report = build([config], out=out, on_progress=tell)
    show_report(report)
    stdout.print()
    return report


def borrowing_environment(folder: Path) -> str:
    """A virtual environment that borrows the third-party packages of this one, and nothing else."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    packages = next(folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages")
    # Paths in a .pth file are searched last and their own .pth files are not read, so this
    # checkout's editable installs stay out: what runs is what is in the wheels.
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    return str(python)


def install(python: str, dist: Path) -> None:
    """Install every wheel in `dist`, and nothing from elsewhere."""
    command = [sys.executable, "-P", "-m", "pip", "--python", python, "install", "--quiet"]
    command += [
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        *map(str, sorted(dist.glob("*.whl"))),
    ]
    _done(command, dist, "pip could not install the wheels")


def _type_check(python: str, program: Path, packages: Sequence[str]) -> None:
    command = mypy_command(packages, program.parent)
    command += ["--python-executable", python, str(program)]
    _done(command, program.parent, "the program is not type-correct")


def _repository(folder: Path) -> Path:
    _done(["git", "init", "--quiet", "--initial-branch", "main", str(folder)], None, "git failed")
    (folder / "note.txt").write_text("something new\n")
    return folder


def _done(command: list[str], folder: Path | None, problem: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env=_clean_environment(), capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        raise BuildError(problem, detail=(done.stdout + done.stderr)[-2000:])


def _clean_environment() -> Mapping[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


def _say(number: str, text: str) -> None:
    say(stdout, safe(f"{number}  {text}", "bold cyan"), hanging=3)
