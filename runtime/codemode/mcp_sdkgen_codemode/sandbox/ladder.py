"""The choice of an engine: the highest rung that passes its self-test; nothing runs unprotected."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from . import probe, remedies, runtime_tree
from .bubblewrap import Bubblewrap
from .engine import Engine, SandboxError

ENGINES: dict[str, Callable[[], Engine]] = {"bubblewrap": Bubblewrap}
"""The engines by name, the one to be tried first first."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


async def choose(name: str | None = None, *, minimum_rung: int = 2) -> Engine:
    """The engine of that name, or the best one, after its self-test; at least on `minimum_rung`.

    The test's good result is remembered until the machine is started anew or something that it
    depends on changes. Raises `SandboxError` with the reason and the fix; nothing is ever run
    unprotected instead.
    """
    if name is not None and name not in ENGINES:
        raise SandboxError(f"there is no engine {name!r}", f"Known: {', '.join(ENGINES)}.")
    refusals: list[SandboxError] = []
    for candidate in [name] if name is not None else ENGINES:
        engine = ENGINES[candidate]()
        if engine.rung < minimum_rung:
            reason = f"{candidate} is on rung {engine.rung}, and at least {minimum_rung} is wanted"
            refusals.append(SandboxError(reason))
            continue
        try:
            await _test(engine)
        except SandboxError as error:
            refusals.append(error)
            continue
        return engine
    raise refusals[0]


async def _test(engine: Engine) -> None:
    if not isinstance(engine, Bubblewrap) or sys.platform == "linux":
        mark = await _mark(engine)
        if mark is not None and mark.exists():
            return
        if failures := await probe.examine(engine):
            raise SandboxError(
                f"a box of {engine.name} does not keep what it promises: {'; '.join(failures)}",
                "Run: mcp-sdkgen doctor",
            )
        if mark is not None:
            with suppress(OSError):
                mark.write_text(json.dumps({"engine": engine.name}))
        return
    raise SandboxError(*remedies.not_linux())


async def _mark(engine: Engine) -> Path | None:
    """The file whose existence says that this engine passed since the machine was started."""
    if not isinstance(engine, Bubblewrap):
        return None
    tree = await engine.tree(probe.SPEC)
    facts = [tree.digest, engine.program, *map(str, engine.version), str(os.geteuid())]
    return _mark_path(engine.cache or runtime_tree.cache_folder(), facts)


def _mark_path(folder: Path, facts: list[str]) -> Path | None:
    with suppress(OSError):
        facts = [*facts, str(Path(facts[1]).stat().st_mtime_ns), _BOOT_ID.read_text().strip()]
        return folder / f"passed-{hashlib.sha256(' '.join(facts).encode()).hexdigest()[:24]}"
    return None
