"""One saved tool list, built into an SDK and judged: a row of the corpus table."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mcp_sdkgen import build

from benchmarks.measuring import read_tools
from benchmarks.packages import Package, read_package
from benchmarks.roundtrip import Trip, round_trip


@dataclass
class Row:
    """What became of one saved tool list. `import_error` is None until it was tried."""

    file: str
    folder: Path
    tools: int = 0
    output_schemas: int = 0
    typed_results: int = 0
    methods: int = 0
    unreachable: list[str] = field(default_factory=list)
    diagnostics: dict[str, int] = field(default_factory=dict)
    trip: Trip = field(default_factory=Trip)
    seconds: float = 0.0
    error: str = ""
    package: Package | None = None
    wheel: Path | None = None
    type_errors: list[str] | None = None
    import_error: str | None = None

    @property
    def problems(self) -> list[str]:
        """Everything that the acceptance does not allow, a line each."""
        found = [self.error] if self.error else []
        found += [f"no method for {name}" for name in self.unreachable]
        found += [f"mypy: {line}" for line in self.type_errors or ()]
        found += [f"import: {self.import_error}"] if self.import_error else []
        return found

    def to_json(self) -> dict[str, Any]:
        """The row for machines, without paths of this machine."""
        facts = asdict(self)
        for key in ("folder", "package", "wheel"):
            del facts[key]
        for key in ("spoiled", "refused"):
            facts["trip"][key] = dict(getattr(self.trip, key))
        return facts


def judge(file: Path, name: str, out: Path, samples: int, invalid: bool = False) -> Row:
    """Build the SDK of one file into `out`, without the build's own check, and judge it.

    `samples` and `invalid` are those of `round_trip`.
    Run it in a process of its own: the SDK stays imported. It never raises; `error` tells.
    """
    row = Row(name, out)
    try:
        _judge(row, file, samples, invalid)
    except Exception as error:
        row.error = f"{type(error).__name__}: {error}"
    return row


def _judge(row: Row, file: Path, samples: int, invalid: bool) -> None:
    tools = read_tools(file)
    row.tools = len(tools)
    row.output_schemas = sum(tool.get("outputSchema") is not None for tool in tools)
    started = time.perf_counter()
    report = build([file], out=row.folder, make_wheels=True, run_check=False, jobs=1)
    row.seconds = time.perf_counter() - started
    server = report.servers[0]
    if server.error:
        raise ValueError(server.error)
    row.diagnostics = dict(Counter(str(found.level) for found in server.diagnostics))
    sources = row.folder / server.slug
    row.wheel = next((row.folder / "dist").glob(f"{server.package}-*.whl"))
    row.package = read_package(sources)
    row.methods = len(row.package.methods)
    row.typed_results = sum(m.returns != "Unstructured" for m in row.package.methods)
    row.unreachable = row.package.unreachable(tools)
    row.trip = round_trip(sources, samples, invalid=invalid)
