"""A use case as its folder has it: a question, servers, a policy, and a program.

`use_case.toml` has the title and the question; `packages` that the program may import, and how
often it `runs`, where that matters. `mcp-sdkgen.toml` has the servers and the policy, `program.py`
is what a model would write, and `expected.txt` what it prints, in each of its runs. `steps` are
what a model would call that makes its calls one by one, where that is not what the program calls.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...emit.package_data import data
from ...errors import ConfigError

USE_CASES = data("examples") / "use_cases"
COMPARISONS = data("examples") / "comparisons"


@dataclass(frozen=True)
class UseCase:
    """One use case."""

    name: str
    folder: Path
    title: str
    question: str
    packages: Sequence[str] = ()
    runs: int = 1
    steps: Sequence[dict[str, Any]] = ()

    @property
    def config(self) -> Path:
        """Its servers and its policy."""
        return self.folder / "mcp-sdkgen.toml"

    @property
    def program(self) -> str:
        """What a model would write."""
        return (self.folder / "program.py").read_text(encoding="utf-8")


def names(folder: Path) -> list[str]:
    """The names of the use cases in a folder."""
    return sorted(path.parent.name for path in folder.glob("*/use_case.toml"))


def read(folder: Path, name: str) -> UseCase:
    """A use case by name. Raises `ConfigError` that tells what there is."""
    if name not in names(folder):
        there = ", ".join(names(folder))
        raise ConfigError(f"no use case {name!r}", hint=f"there are {there}")
    data = tomllib.loads((folder / name / "use_case.toml").read_text(encoding="utf-8"))
    data["question"] = data["question"].strip()
    return UseCase(name, folder / name, **data)
