"""Generated wheels in an environment that has the runtime and nothing else of ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

IMPORT_ALL = """
import ast, importlib, importlib.util, inspect, pkgutil, sys, typing
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
for name in package.__all__:
    getattr(package, name)
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
types = importlib.import_module(package.__name__ + ".types")
for block in ast.parse(inspect.getsource(types)).body:
    for line in block.body if isinstance(block, ast.If) else ():
        for alias in line.names if isinstance(line, ast.ImportFrom) else ():
            found = getattr(types, alias.name)
            if hasattr(found, "model_rebuild"):
                found.model_rebuild()
            elif isinstance(found, type):
                hints = typing.get_type_hints(found, include_extras=True).items()
                left_out = {k for k, v in hints if typing.get_origin(v) is typing.NotRequired}
                assert found.__optional_keys__ == left_out, alias.name
assert importlib.util.find_spec("mcp_sdkgen") is None, "the generator is installed here"
"""


def make_environment(folder: Path, runtime_wheel: Path) -> Path:
    """A virtual environment with the runtime's wheel and its dependencies; returns its python.

    Raises `CalledProcessError` when pip cannot get the dependencies.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", str(runtime_wheel)], check=True)
    return python


def import_errors(
    python: Path, wheels: Iterable[tuple[str, Path]], folder: Path, jobs: int
) -> dict[Path, str]:
    """What fails when each wheel, given with its import name, is installed and all of it imported.

    Each goes into a folder of its own and is imported in a process of its own. An empty text means
    that it works.
    """

    def attempt(numbered: tuple[int, tuple[str, Path]]) -> tuple[Path, str]:
        number, (name, wheel) = numbered
        place = folder / str(number)
        install = ["-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(place)]
        for arguments in ([*install, str(wheel)], ["-I", "-c", IMPORT_ALL, str(place), name]):
            run = subprocess.run([str(python), *arguments], capture_output=True, text=True)
            if run.returncode:
                lines = run.stderr.strip().splitlines() or ["failed without a message"]
                return wheel, lines[-1]
        return wheel, ""

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return dict(pool.map(attempt, enumerate(wheels)))
