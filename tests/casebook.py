"""The cases under `tests/cases`: one folder for each way in which a server's schemas can be odd.

A folder holds `snapshot.json`, what is expected of it (`expected/`, the modules that follow from
schemas, and `diagnostics.txt`, absent if there are none), and where types matter `program.py`,
which must be clean, and `wrong.py`, whose marked lines must be errors.

To add a case, write its `snapshot.json` (digests may be left as they are) and run

    python -m tests.casebook [CASE…]

which brings snapshots into canonical form and writes what the generator makes today. Then read the
difference as a stranger would: it is the review that counts, not the recording.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mcp_sdkgen.emit.generate import Generated, generate
from mcp_sdkgen.snapshot import Snapshot
from mcp_sdkgen.text import one_line

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One folder of `tests/cases`."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @cached_property
    def text(self) -> str:
        """The text of its snapshot."""
        return (self.folder / "snapshot.json").read_text(encoding="utf-8")

    @cached_property
    def snapshot(self) -> Snapshot:
        """Its snapshot."""
        return Snapshot.loads(self.text, where=self.name)

    @cached_property
    def generated(self) -> Generated:
        """The SDK that the generator makes of it today."""
        return generate(self.snapshot)

    @property
    def expected(self) -> dict[str, str]:
        """The recorded files, by path relative to the package."""
        root = self.folder / "expected"
        found = sorted(path for path in root.rglob("*") if path.is_file())
        return {
            path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in found
        }

    @property
    def actual(self) -> dict[str, str]:
        """What `expected` should be: the modules that follow from schemas, and the diagnostics."""
        package = f"{self.generated.package}/"
        return {
            path.removeprefix(package): text
            for path, text in self.generated.files.items()
            if path.startswith(package) and _is_recorded(path.removeprefix(package))
        }

    @property
    def expected_diagnostics(self) -> str:
        """The recorded findings, a line each, in order."""
        path = self.folder / "diagnostics.txt"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def actual_diagnostics(self) -> str:
        """What `expected_diagnostics` should be."""
        lines = sorted({one_line(str(found)) for found in self.generated.diagnostics})
        return "".join(f"{line}\n" for line in lines)


def cases() -> list[Case]:
    """Every case, by name."""
    return [Case(path.parent) for path in sorted(CASES.glob("*/snapshot.json"))]


def record(case: Case) -> None:
    """Write what the generator makes of a case today, and its snapshot in canonical form."""
    (case.folder / "snapshot.json").write_text(case.snapshot.dumps(), encoding="utf-8")
    case = Case(case.folder)
    shutil.rmtree(case.folder / "expected", ignore_errors=True)
    for path, text in case.actual.items():
        target = case.folder / "expected" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    findings = case.folder / "diagnostics.txt"
    findings.unlink(missing_ok=True)
    if case.actual_diagnostics:
        findings.write_text(case.actual_diagnostics, encoding="utf-8")


def _is_recorded(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if folder in ("tools", "types"):
        return name.endswith(".py") and name != "__init__.py"
    return path in ("surface.pyi", "prompts.py", "resources.py")


if __name__ == "__main__":
    for found in cases():
        if found.name in sys.argv[1:] or not sys.argv[1:]:
            record(found)
