"""Programs that call every method of generated SDKs, and mypy's opinion of them all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import mcp_sdkgen_runtime

from benchmarks.packages import Method, Package, import_lines

_ERROR = re.compile(r"^(?P<path>[^\n:]+):\d+(?::\d+)?: error: (?P<message>.*)$", re.MULTILINE)


def program(package: Package) -> str:
    """A module that calls each method of both clients, with all arguments and with the required,
    and imports every class.

    Every value is a parameter typed as the method's own signature types it, and every result has
    to have the promised type, so nothing hides behind `Any`.
    """
    lines = [
        "from __future__ import annotations",
        "from typing import assert_type as _assert_type",
        import_lines(package),
        f"from {package.name} import {package.blocking} as _Blocking",
        f"from {package.name} import {package.waiting} as _Waiting",
        *(f"from {package.name}.types import {name} as _{name}" for name in package.classes),
    ]
    for number, method in enumerate(package.methods):
        lines += ["", *_calls(method, f"_blocking_{number}", "def", "_Blocking", "")]
        lines += ["", *_calls(method, f"_waiting_{number}", "async def", "_Waiting", "await ")]
    return "\n".join(lines) + "\n"


def type_errors(
    packages: Sequence[Package],
    folder: Path,
    cache: Path,
    further: Callable[[Package], str] = lambda package: "",
) -> dict[str, list[str]]:
    """mypy's errors under `--strict`, by import name of the package, in itself or in its program.

    `further` is what its program has at the end. The packages must have different names. The
    programs are written into `folder`; `cache` may be shared by many runs. Raises
    `RuntimeError` when mypy itself fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        (folder / f"call_{package.name}.py").write_text(
            program(package) + further(package), encoding="utf-8"
        )
    owners = {f"{package.folder}{os.sep}": package.name for package in packages}
    owners |= {str(folder / f"call_{package.name}.py"): package.name for package in packages}
    runtime = Path(mcp_sdkgen_runtime.__file__).parents[1]
    command = [
        *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"),
        *("--cache-dir", str(cache), "--no-color-output", "--show-absolute-path"),
        # Errors of the runtime are found by its own check.
        "--follow-imports=silent",
        *owners,
    ]
    run = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(runtime)}
    )
    if run.returncode not in (0, 1):
        raise RuntimeError(f"mypy failed:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    errors: dict[str, list[str]] = {package.name: [] for package in packages}
    for found in _ERROR.finditer(run.stdout):
        owner = next((n for path, n in owners.items() if found["path"].startswith(path)), None)
        if owner is None:
            raise RuntimeError(f"mypy complains about something else: {found[0]}")
        errors[owner].append(f"{Path(found['path']).name}: {found['message']}")
    return errors


def batches(packages: Iterable[Package]) -> list[list[Package]]:
    """The packages in as few groups as possible in which no name comes twice."""
    seen: Counter[str] = Counter()
    groups: list[list[Package]] = []
    for package in packages:
        turn = seen[package.name]
        seen[package.name] += 1
        if turn == len(groups):
            groups.append([])
        groups[turn].append(package)
    return groups


def _calls(method: Method, name: str, keyword: str, client: str, wait: str) -> list[str]:
    """A function that calls the method; parameters are numbered, for wire names may be anything."""
    taken = [f"_p{number}: {p.annotation}" for number, p in enumerate(method.parameters)]
    given = [f"{p.name}=_p{number}" for number, p in enumerate(method.parameters)]
    needed = [text for text, p in zip(given, method.parameters, strict=True) if p.required]
    lines = [f"{keyword} {name}({', '.join(['_client: ' + client, *taken])}) -> None:"]
    for arguments in (given, needed):
        call = f"{wait}_client.{method.name}({', '.join(arguments)})"
        lines.append(f"    _assert_type({call}, {method.returns})")
    return lines
