"""The choice of an engine that passes its self-test. No program runs without a sandbox.

Isolation level 3 is gVisor; level 2 is bubblewrap and hardened containers. No engine here has a
lower level.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from . import diagnosis, rootfs, self_test
from .engines.bubblewrap import Bubblewrap
from .engines.container import Container
from .engines.engine import Engine, SandboxError

ENGINES: Mapping[str, Callable[[], Bubblewrap | Container]] = {
    "bubblewrap": Bubblewrap,
    "podman": partial(Container, "podman"),
    "docker": partial(Container, "docker"),
    "gvisor": partial(Container, "docker", runtime="runsc"),
}
"""The engines by name, in the order in which they are tried."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class EngineReport:
    """Whether one engine works here; `reason` and `fix` where it does not."""

    engine: str
    isolation_level: int
    works: bool
    reason: str = ""
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        """The report by field name. The level is there under its former name `rung` too."""
        return {**asdict(self), "rung": self.isolation_level}


async def choose(name: str | None = None, *, minimum_level: int = 2) -> Engine:
    """The engine of that name, or the first good one, after its self-test; of at least
    that isolation level.

    Without a name, that is bubblewrap on Linux, a container engine elsewhere, and gVisor where
    level 3 is wanted. A passed test is remembered until the machine restarts
    or something that it depends on changes. Raises `SandboxError` with the reason and the fix.
    """
    if name is not None and name not in ENGINES:
        raise SandboxError(
            f"there is no sandbox engine {name!r}", f"Choose one of {', '.join(ENGINES)}."
        )
    refusals: list[SandboxError] = []
    for candidate in [name] if name is not None else _default_candidates(minimum_level):
        engine = ENGINES[candidate]()
        if engine.isolation_level < minimum_level:
            found = f"{candidate} has isolation level {engine.isolation_level}"
            reason = f"{found}, and at least {minimum_level} was asked for"
            refusals.append(SandboxError(reason, "Use --engine gvisor."))
            continue
        try:
            await _tested(engine)
        except SandboxError as error:
            refusals.append(error)
            continue
        return engine
    # The error of the first engine that has the level: its fix is the one to try.
    raise next((one for one in refusals if "is wanted" not in one.reason), refusals[0])


def examine() -> list[EngineReport]:
    """Every engine's self-test, made anew. For `doctor`; not to be called in an event loop."""
    return [asyncio.run(_examined(name)) for name in ENGINES]


async def _examined(name: str) -> EngineReport:
    engine = ENGINES[name]()
    try:
        await _tested(engine, anew=True)
    except SandboxError as error:
        detail = f" ({error.detail.for_host()})" if error.detail else ""
        reason = f"{error.reason}{detail}"
        return EngineReport(name, engine.isolation_level, False, reason, error.fix)
    return EngineReport(name, engine.isolation_level, True)


def _default_candidates(minimum_level: int) -> list[str]:
    if sys.platform != "linux":
        return list(ENGINES)
    # Containers often mean a daemon that runs as root, so they are used only when asked for; where
    # bubblewrap cannot run, the error says why and how to fix it.
    return ["bubblewrap"] if minimum_level <= Bubblewrap.isolation_level else ["gvisor"]


async def _tested(engine: Bubblewrap | Container, *, anew: bool = False) -> None:
    if isinstance(engine, Bubblewrap) and sys.platform != "linux":
        raise SandboxError(*diagnosis.not_linux())
    facts = [engine.name, engine.program, str(os.geteuid()), *_confinement()]
    tree = await engine.tree(self_test.SPEC)
    mark = _mark(engine.cache or rootfs.trees_folder(), [*facts, tree.digest])
    if mark is not None and not anew and mark.exists():
        return
    if failures := await self_test.examine(engine):
        raise SandboxError(
            f"a sandbox of {engine.name} failed its self-test: {'; '.join(failures)}",
            "No program is run. Please report this: mcp-sdkgen or this machine is at fault.",
        )
    if mark is not None:
        with suppress(OSError):
            mark.touch()


def _confinement() -> list[str]:
    """What decides, besides the machine, which namespaces this process may make.

    A result from outside a container says nothing inside, though both share a cache.
    """
    found = [f"{name}={diagnosis.sysctl(name)}" for name in diagnosis.SYSCTLS]
    for name in ("user", "mnt"):
        with suppress(OSError):
            found.append(str(Path(f"/proc/self/ns/{name}").readlink()))
    with suppress(OSError):
        lines = Path("/proc/self/status").read_text().splitlines()
        found += [one for one in lines if one.startswith(("Seccomp", "NoNewPrivs", "Cap"))]
    with suppress(OSError):
        found.append(Path("/proc/self/attr/current").read_text())
    return found


def _mark(folder: Path, facts: list[str]) -> Path | None:
    """The file whose existence says that an engine passed since the machine was started."""
    with suppress(OSError):
        facts = [*facts, str(Path(facts[1]).stat().st_mtime_ns), _BOOT_ID.read_text().strip()]
        return folder / f"passed-{hashlib.sha256(' '.join(facts).encode()).hexdigest()[:24]}"
    return None
