"""Package managers that install a server before they start it, and what they tell of it on stderr.

An installation takes minutes where a start takes a second, and one that is cut off can leave a
cache behind that is never put right. So it is told from a server that hangs.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Final
from urllib.parse import unquote

QUIET_S: Final = 30.0
"""How long a package manager that was installing may say nothing and still count as installing."""

_MANAGERS: Final[Mapping[str, tuple[str, ...]]] = {
    "npx": (),
    "npm": ("exec", "x"),
    "pnpx": (),
    "pnpm": ("dlx",),
    "yarn": ("dlx",),
    "bunx": (),
    "bun": ("x",),
    "uvx": (),
    "uv": ("tool", "run"),
    "pipx": ("run",),
    "deno": ("run",),
    "docker": ("run",),
    "podman": ("run",),
}
"""Commands, and the first words by which they start what they may have to fetch before."""

_NPM: Final = re.compile(r"npm (?:http fetch GET \d+ (\S+)|http\b|warn deprecated\b)")
_NPM_CACHED: Final = re.compile(r"npm http .*\((?:cache (?:hit|revalidated)|from cache)\)\s*")
"""What npm asks of each package that it starts, installed long ago or not."""
_NPM_PACKAGE: Final = re.compile(
    r"https?://[^/\s]+/(?:[\w.@/+-]*/-/|[\w./+-]*/)?((?:@[\w.-]+/)?[\w.+-]+?)(?:\.tgz)?"
)
_UV: Final = re.compile(r"\s*(Downloading|Building|Downloaded|Built) ([\w.+/@=-]+)")
_UV_MORE: Final = re.compile(r"\s*(?:Updating|Updated|Resolved|Prepared|Preparing) ")
_OTHER: Final = re.compile(
    r".*\b(?:creating virtual environment|installing|Pulling from|Pulling fs layer|Download|"
    r"Progress: resolved)\b"
)
_OVER: Final = re.compile(
    r"\s*(?:Installed|Audited) \d+ packages?\b|Status: Downloaded newer image"
)


def package_manager(command: str, args: Sequence[str]) -> str:
    """The name of the package manager that a command line starts a server through, or nothing."""
    name = PurePath(command).name.lower()
    for ending in (".cmd", ".exe", ".ps1"):
        name = name.removesuffix(ending)
    first = _MANAGERS.get(name)
    if first is None or (first and next((arg for arg in args if arg[:1] != "-"), "") not in first):
        return ""
    return name


def telling(manager: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that make a package manager tell on stderr what it fetches."""
    said = any(name.lower() == "npm_config_loglevel" for name in environ)
    return {"npm_config_loglevel": "http"} if manager in ("npx", "npm") and not said else {}


def is_telling(line: str) -> bool:
    """Whether a line is only there because of `telling`, and of no use in an error."""
    return line.startswith("npm http ")


def longer(limit_s: float) -> int:
    """Seconds that may be enough for a server to which `limit_s` were not."""
    return math.ceil(limit_s * 1.5 / 10) * 10


class Installation:
    """How far a package manager is, by what it writes to stderr. Its lines are foreign text."""

    def __init__(self, manager: str) -> None:
        self.manager = manager
        self.package = ""
        """What it fetched or built last: a name with letters, digits and `.+/@=-_` only."""
        self.was_given_up = False
        """Whether the connection ended while it was under way."""
        self._pending: set[str] = set()
        self._heard_s: float | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it is still installing, as far as it tells."""
        if self._heard_s is None:
            return False
        return bool(self._pending) or time.monotonic() - self._heard_s < QUIET_S

    def hear(self, line: str) -> None:
        """Take note of a line of stderr."""
        if not self.manager:
            return
        if _NPM_CACHED.fullmatch(line):
            return
        if found := _UV.match(line):
            if found[1] in ("Downloading", "Building"):
                self._pending.add(found[2])
            else:
                self._pending.discard(found[2])
            self._begun(found[2])
        elif found := _NPM.match(line):
            named = _NPM_PACKAGE.fullmatch(unquote(found[1] or ""))
            self._begun(named[1] if named else "")
        elif _OVER.match(line):
            self._over()
        elif _UV_MORE.match(line) or _OTHER.match(line):
            self._begun("")
        elif line.strip() and self.manager in ("npx", "npm") and not line.startswith("npm "):
            self._over()  # what follows is the server's own

    def _begun(self, package: str) -> None:
        self._heard_s = time.monotonic()
        self.package = package[:80] or self.package

    def _over(self) -> None:
        self._heard_s = None
        self._pending.clear()
