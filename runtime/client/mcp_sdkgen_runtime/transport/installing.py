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

_OF_NPM: Final = ("npx", "npm")
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
_NPM_SCRIPT: Final = re.compile(
    r"npm info run ((?:@[\w.-]+/)?[\w.+-]+)@\S+ ((?:pre|post)?install|prepare) "
    r"(?:(\{ code: .*)|\S+ (.*))"
)
"""A script of a package that npm installs: its package and name, then its command, or how it ended.
What it writes is not passed on, so that nothing else tells of a compiler at work for minutes."""
_NODE_GYP: Final = re.compile(r"\bnode-gyp (?:re)?build\b")
_PREBUILT: Final = re.compile(r"\bprebuild-install\b|\bnode-pre-gyp\b|--fallback-to-build\b")
_NPM_CACHED: Final = re.compile(r"npm http .*\((?:cache (?:hit|revalidated)|from cache)\)\s*")
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
    return {"npm_config_loglevel": "info"} if manager in _OF_NPM and not said else {}


def is_telling(line: str) -> bool:
    """Whether a line is only there because of `telling`, and of no use in an error."""
    return line.startswith(("npm http ", "npm info ", "npm timing "))


def longer(limit_s: float) -> int:
    """Seconds that may be enough for a server to which `limit_s` were not."""
    return math.ceil(limit_s * 1.5 / 10) * 10


class Installation:
    """How far a package manager is, by what it writes to stderr. Its lines are foreign text.

    `args` are those of its command line: which packages it starts, npm asks its registry each time,
    also when they were installed long ago.
    """

    def __init__(self, manager: str, args: Sequence[str] = ()) -> None:
        self.manager = manager
        self.doing = "installing"
        """What it did last, in words: `downloading zod-4.0.1`, `compiling bcrypt (node-gyp)`. The
        name of a package in them has letters, digits and `.+/@=-_` only."""
        self.was_given_up = False
        """Whether the connection ended while it was under way."""
        self._asked_always = {"npm", *map(_name_of, args)}
        self._pending: dict[str, str] = {}
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
        if self.manager in _OF_NPM and line.startswith("npm "):
            self._hear_npm(line)
        elif found := _UV.match(line):
            if found[1] in ("Downloading", "Building"):
                self._begun(f"{found[1].lower()} {found[2][:80]}", until=found[2])
            else:
                self._done(found[2])
        elif _OVER.match(line):
            self._over()
        elif _UV_MORE.match(line) or _OTHER.match(line):
            self._begun("installing")
        elif line.strip() and self.manager in _OF_NPM:
            self._over()  # what follows is the server's own

    def _hear_npm(self, line: str) -> None:
        if _NPM_CACHED.fullmatch(line):
            return
        if script := _NPM_SCRIPT.match(line):
            if script[3]:
                self.doing = "installing"
                self._done(f"{script[1]} {script[2]}")
            else:
                doing = _of_script(script[1][:80], script[4])
                self._begun(doing, until=f"{script[1]} {script[2]}")
        elif found := _NPM.match(line):
            address = unquote(found[1] or "")
            named = _NPM_PACKAGE.fullmatch(address)
            if named is None:
                self._begun("installing")
            elif address.endswith(".tgz"):
                self._begun(f"downloading {named[1][:80]}")
            elif named[1] not in self._asked_always:
                self._begun(f"resolving {named[1][:80]}")

    def _begun(self, doing: str, *, until: str = "") -> None:
        self._heard_s = time.monotonic()
        if until:
            self._pending[until] = doing
        elif self._pending:
            return  # what lasts is told rather than what is done already
        self.doing = doing

    def _done(self, what: str) -> None:
        self._heard_s = time.monotonic()
        self._pending.pop(what, None)
        if self._pending:
            self.doing = next(reversed(self._pending.values()))

    def _over(self) -> None:
        self._heard_s = None
        self._pending.clear()


def _name_of(arg: str) -> str:
    """The package that a word of a command line names, without its version."""
    name = arg.removeprefix("--package=").removeprefix("-p=")
    return name[:1] + name[1:].partition("@")[0]


def _of_script(package: str, command: str) -> str:
    """What a script of a package does while it is installed, in words."""
    if _NODE_GYP.search(command) or _PREBUILT.search(command):
        fetched = "downloading or " if _PREBUILT.search(command) else ""
        return f"{fetched}compiling {package} (node-gyp)"
    return f"running the installation script of {package}"
