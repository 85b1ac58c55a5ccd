"""`python tools/install.py FOLDER EXTRA`: install this checkout, with an extra, into a folder.

The folder becomes a virtual environment of the Python that runs this, unless it is one already. The
extra is one of those in `pyproject.toml`, and `constraints.txt` has the versions.

uv installs: the one in the environment or on the PATH, else the pinned one, which pip fetches. pip
is the way back, where uv cannot be had or fails. This runs before anything is installed, so it has
the standard library alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import venv
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("--editable", "runtime/client", "--editable", "runtime/codemode", "--editable")

_UNTOLD_OF_UV = ("+ ", "- ", "~ ", "Built ", "Downloaded ")
_TOLD_BY_PIP = ("Collecting ", "Building ", "Installing ", "Successfully ", "ERROR: ")
_LINES_OF_A_FAILURE = 15


@dataclass(frozen=True)
class Installer:
    """What installs into an environment: the words before the requirements, and its variables."""

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)

    def install(self, *requirements: str) -> bool:
        """Whether it could. What it is at is printed meanwhile, and what went wrong at the end."""
        last: deque[str] = deque(maxlen=_LINES_OF_A_FAILURE)
        with subprocess.Popen(
            [*self.command, "--constraint", "constraints.txt", *requirements],
            cwd=ROOT,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last.append(line)
                if self._tells(line):
                    say(f"  {line.strip()}")
        if process.returncode:
            sys.stderr.writelines([f"{self.name} could not install:\n", *last])
        return process.returncode == 0

    def _tells(self, line: str) -> bool:
        if self.name == "pip":
            return line.startswith(_TOLD_BY_PIP)
        return bool(line.strip()) and not line.lstrip().startswith(_UNTOLD_OF_UV)


def main(folder: Path, extra: str) -> None:
    """Raises `SystemExit`, with what to do, where it cannot be installed."""
    started = time.monotonic()
    python = environment(folder)
    tried = []
    for installer in installers(python):
        say(f"installing mcp-sdkgen[{extra}] into {folder} with {installer.name} ...")
        if installer.install(*OURS, f".[{extra}]"):
            say(f"installed in {time.monotonic() - started:.0f} s")
            return
        tried.append(installer.name)
    if tried:
        sys.exit(f"{' and '.join(tried)} could not install; what they said stands above")
    sys.exit(
        "there is nothing to install with: no uv, and this Python has neither pip nor ensurepip.\n"
        f"On Debian and Ubuntu they come with: sudo apt install {venv_package()}"
    )


def environment(folder: Path) -> Path:
    """The interpreter of the virtual environment in a folder, which is made unless it works."""
    python = folder.absolute() / "bin" / "python"
    if not (python.exists() and runs(str(python), "--version")):
        if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
            sys.exit(f"{folder} is no virtual environment; name another folder: make VENV=...")
        say(f"making {folder} with Python {sys.version.split()[0]}")
        # pip comes later, and only where it is needed: it takes seconds, and Debian keeps it apart.
        venv.create(folder, clear=True, with_pip=False, symlinks=True)
    return python


def installers(python: Path) -> Iterator[Installer]:
    """What can install into the environment of an interpreter, the fastest first."""
    uv, pip = uv_for(python), None
    if uv is None:
        pip = pip_for(python)
        if pip is not None:
            say("fetching uv, which installs the rest ...")
            uv = uv_for(python) if pip.install("uv") else None
    if uv is not None:
        command = (uv, "pip", "install", "--python", str(python))
        # What a build needs is pinned as well; pip has no such option in the version of Debian 12.
        pinned = ("--build-constraint", "constraints.txt")
        yield Installer("uv", (*command, *pinned), index_of_pip())
    pip = pip or pip_for(python)
    if pip is not None:
        yield pip


def uv_for(python: Path) -> str | None:
    """A uv that works: the one beside an interpreter, or else on the PATH."""
    for folders in (str(python.parent), None):
        uv = shutil.which("uv", path=folders)
        if uv is not None and runs(uv, "--version"):
            return uv
    return None


def pip_for(python: Path) -> Installer | None:
    """A pip that installs into the environment of an interpreter, or None where there is none."""
    own = (str(python), "-m", "pip")
    outside = (sys.executable, "-m", "pip", "--python", str(python))
    for command in (own, outside):
        if runs(*command, "--version"):
            return Installer("pip", (*command, "install"))
    for _ in range(2):
        if runs(str(python), "-m", "ensurepip", "--default-pip"):
            return Installer("pip", (*own, "install"))
        if not install_venv_package():
            break
    return None


def index_of_pip() -> dict[str, str]:
    """The package index that pip was told to use, for uv, which does not read pip's settings."""
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE"}.isdisjoint(os.environ):
        return {}
    url = os.environ.get("PIP_INDEX_URL", "")
    if not url and find_spec("pip"):
        asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        url = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    return {"UV_DEFAULT_INDEX": url} if url else {}


def venv_package() -> str:
    """Debian's package with the ensurepip of the Python that runs this."""
    return f"python3.{sys.version_info.minor}-venv"


def install_venv_package() -> bool:
    """Whether Debian's package with ensurepip is there now; only root can install it."""
    if sys.base_prefix != "/usr" or os.geteuid() or shutil.which("apt-get") is None:
        return False
    say(f"installing {venv_package()} of the system, which has pip ...")
    install = ("apt-get", "install", "--yes", "--quiet", venv_package())
    return runs(*install) or (runs("apt-get", "update", "--quiet") and runs(*install))


def runs(*command: str) -> bool:
    """Whether a command ends well. What it prints is nobody's concern."""
    quiet = subprocess.DEVNULL
    return subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet).returncode == 0


def say(text: str) -> None:
    """Print a line now, also where the output is a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
