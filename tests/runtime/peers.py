"""Servers and clients of other makers, installed once into `.cache/` of the checkout.

    make peers    # installs all, and says what is missing

Tests that need one are skipped, with the reason, where it cannot be installed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "peers"
MCP1_PINS = Path(__file__).parent / "servers" / "mcp1-constraints.txt"
FASTMCP_PINS = ROOT / "tests" / "codemode" / "serve" / "fastmcp-constraints.txt"
INSPECTOR_PINS = {"@modelcontextprotocol/inspector": "2.12.0"}
NPM_PINS = {
    "@modelcontextprotocol/server-everything": "2026.8.31",
    "@modelcontextprotocol/sdk": "1.32.2",
}
"""The first is what `generated/everything` was made from."""

_INSTALL_LIMIT_S = 600


class PeerMissing(Exception):
    """A peer cannot be installed here; the message says what to do."""


def python_with_mcp1() -> Path:
    """The interpreter of an environment with `mcp` 1. Raises `PeerMissing`."""
    return _python_with("mcp1", MCP1_PINS)


def python_with_fastmcp() -> Path:
    """The interpreter of an environment with fastmcp. Raises `PeerMissing`."""
    return _python_with("fastmcp", FASTMCP_PINS)


def everything_script() -> Path:
    """The start script of the TypeScript everything server. Raises `PeerMissing`."""
    folder = _npm("everything", NPM_PINS)
    return folder / "@modelcontextprotocol/server-everything/dist/index.js"


def inspector_script() -> Path:
    """The start script of the MCP Inspector. Raises `PeerMissing`."""
    package = _npm("inspector", INSPECTOR_PINS) / "@modelcontextprotocol/inspector"
    described = json.loads((package / "package.json").read_text())["bin"]
    return package / (described if isinstance(described, str) else described["mcp-inspector"])


def _python_with(name: str, pins: Path) -> Path:
    folder = installed_once(name, pins.read_text(), partial(_install_python, pins))
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def _install_python(pins: Path, folder: Path) -> None:
    run_installer(sys.executable, "-m", "venv", str(folder))
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run_installer(str(python), "-m", "pip", "install", "--quiet", "--requirement", str(pins))


def _npm(name: str, packages: Mapping[str, str]) -> Path:
    """The folder with the modules of these packages, at these versions."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise PeerMissing("install Node.js 20 or newer, with npm")
    folder = installed_once(name, json.dumps(packages), partial(_install_npm, packages))
    return folder / "node_modules"


def _install_npm(packages: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True)
    # Without a package of its own, npm would install into the checkout.
    (folder / "package.json").write_text("{}")
    pins = [f"{name}@{version}" for name, version in packages.items()]
    quietly = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    npm = shutil.which("npm") or "npm"
    run_installer(npm, "install", "--prefix", str(folder), *quietly, *pins)


def installed_once(name: str, pins: str, install: Callable[[Path], None]) -> Path:
    """The folder with what `install` made of these pins, made now unless an earlier run did."""
    folder = CACHE / f"{name}-{hashlib.sha256(pins.encode()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / f"{name}.lock"):
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            (folder / "ready").touch()
    return folder


def run_installer(*command: str) -> None:
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_INSTALL_LIMIT_S
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip() or error.stdout.strip()).splitlines()[-1:]
        raise PeerMissing(f"let {' '.join(command[:4])} reach its registry: {last}") from error
    except subprocess.TimeoutExpired as error:
        raise PeerMissing(f"{' '.join(command[:4])} took over {_INSTALL_LIMIT_S} s") from error


def main() -> None:
    """Install all of them. Exits with what is missing."""
    try:
        print(python_with_mcp1(), everything_script(), sep="\n")
        print(python_with_fastmcp(), inspector_script(), sep="\n")
    except PeerMissing as missing:
        raise SystemExit(str(missing)) from None


if __name__ == "__main__":
    main()
