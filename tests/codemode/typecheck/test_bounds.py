"""Programs whose compilation or check would take gigabytes are refused by their shape alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.library.analysis import imported, parsed
from mcp_sdkgen_codemode.typecheck.bounds import MAX_PROGRAM_BYTES, check_bounds
from mcp_sdkgen_codemode.typecheck.checker import Checker
from mcp_sdkgen_codemode.typecheck.preprocess import Unreadable, read
from mcp_sdkgen_codemode.typecheck.worker import CPU_S, MEMORY_BYTES


def nested(levels: int, head: str, foot: str = "", inner: str = "print(1)") -> str:
    lines = []
    for level in range(levels):
        lines += [" " * level + line for line in head.split("\n")]
    lines.append(" " * levels + inner)
    if foot:
        lines += [" " * level + foot for level in reversed(range(levels))]
    return "\n".join(lines) + "\n"


BOMBS = {
    "finally": nested(19, "try:\n pass\nfinally:"),
    "ways out": "def f():\n"
    + "".join(" " * level + "try:\n" + " " * (level + 1) + "if a: return\n" * 1
              + " " * level + "finally:\n" for level in range(1, 19))
    + " " * 19 + "print(1)\n",
    "loops": nested(18, "while a:"),
    "lambdas": "f = " + "(lambda: " * 40 + "1" + ")" * 40 + "\n",
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_doubles_at_each_level_is_neither_checked_nor_saved(bomb: str) -> None:
    with pytest.raises(Unreadable, match="nested too deeply"):
        read(BOMBS[bomb])
    with pytest.raises(ValueError, match="nested too deeply"):
        parsed(BOMBS[bomb])


def test_usual_nesting_is_none_of_it() -> None:
    read(nested(6, "try:\n pass\nfinally:"))
    parsed(nested(8, "for a in b:"))


def test_what_is_too_long_is_not_parsed() -> None:
    long = "x = 1\n" * MAX_PROGRAM_BYTES
    with pytest.raises(ValueError, match="longer than 262,144 characters"):
        parsed(long)
    assert imported("import os\n" + long).modules == frozenset()


def test_no_module_that_people_wrote_is_refused() -> None:
    folder = Path(ast.__file__).parent
    modules = [path for path in folder.glob("*.py") if path.stat().st_size <= MAX_PROGRAM_BYTES]
    assert len(modules) > 100
    for path in sorted(modules)[::4]:
        check_bounds(ast.parse(path.read_text("utf-8", errors="replace")))


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="Linux tells limits there")
def test_the_process_that_checks_has_little_time_and_memory() -> None:
    with Checker(sdks=[]) as checker:
        assert not checker.check("x = 1\n")
        assert checker._process is not None
        limits = Path(f"/proc/{checker._process.pid}/limits").read_text()
    seconds, size = (
        int(line.split()[column])
        for name, column in (("Max cpu time", 3), ("Max address space", 3))
        for line in limits.splitlines()
        if line.startswith(name)
    )
    # Beyond what mypy took to start; a busy machine counts no more of that.
    assert CPU_S <= seconds <= 120
    assert MEMORY_BYTES <= size <= 4 * MEMORY_BYTES
    assert (CPU_S, MEMORY_BYTES) == (10, 1 << 30)
