"""Random schemas through everything that happens to a tool, for as long as you like.

    python -m benchmarks.fuzz [--seconds N] [--seed N] [--out DIR]

What is tried, and how a failure becomes a test, is told in `benchmarks/README.md`. The exit code is
1 when there are failures.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from mcp_sdkgen import Snapshot

from benchmarks.fuzz.shrinking import Tries, shrunk
from benchmarks.fuzz.trial import Failure, Tools, run_trial
from tests.random_schemas import random_tool

MAX_SHRINK_S = 240.0


@dataclass
class Fuzzing:
    """One run: what was tried, and the failures found, by kind."""

    out: Path
    cache: Path
    tools: int = 0
    samples: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def again(self) -> None:
        """Try the saved cases; those that fail no longer are removed."""
        for file in sorted(self.out.glob("*/snapshot.json")):
            snapshot = Snapshot.load(file)
            tools = [tool.definition for tool in snapshot.tools]
            failures = run_trial([tools], self.cache).failures[0]
            if failures:
                self.kinds.update({one.kind for one in failures})
                print(f"still fails: {file.parent.name}: {failures[0].message[:200]}", flush=True)
            else:
                shutil.rmtree(file.parent)
                print(f"mended: {file.parent.name}", flush=True)

    def batch(self, tools: Tools, seed: str) -> None:
        """Try tools as one server; save what fails, shrunk, when its kind is new."""
        result = run_trial([tools], self.cache)
        self.tools += len(tools)
        self.samples += result.samples
        found = result.failures[0]
        if any(not one.tool for one in found):
            found = self.traced(tools, found)
        for (kind, tool), one in {(one.kind, one.tool): one for one in found}.items():
            self.kinds[kind] += 1
            if self.kinds[kind] == 1:
                failing = [each for each in tools if tool in ("", each["name"])]
                self.save(self.smallest(failing, one), one, seed)

    def traced(self, tools: Tools, found: list[Failure]) -> list[Failure]:
        """The failures with the tool named: that which fails in the same way alone, if one does."""
        alone = run_trial([[tool] for tool in tools], self.cache).failures
        named = [one for one in found if one.tool]
        kinds = {one.kind: one for one in found if not one.tool}
        for kind, one in kinds.items():
            names = [
                tool["name"]
                for tool, failures in zip(tools, alone, strict=True)
                if any(other.kind == kind for other in failures)
            ]
            named += [Failure(one.stage, name, one.message) for name in names or [""]]
        return named

    def smallest(self, tools: Tools, failure: Failure) -> Tools:
        types = failure.stage == "types"
        tries: Tries = lambda servers: run_trial(servers, self.cache, types=types).failures  # noqa: E731
        return shrunk(tools, failure.kind, tries, MAX_SHRINK_S)

    def save(self, tools: Tools, failure: Failure, seed: str) -> None:
        """A case, in the form of those in `tests/cases`, and what goes wrong with it."""
        digest = hashlib.sha256(failure.kind.encode()).hexdigest()[:8]
        folder = self.out / f"{failure.stage}_{digest}"
        folder.mkdir(parents=True, exist_ok=True)
        text = Snapshot.of(folder.name, tools).dumps()
        (folder / "snapshot.json").write_text(text, encoding="utf-8")
        words = f"{failure.kind}\n{failure.message}\nseed {seed}, tool {failure.tool}\n"
        (folder / "failure.txt").write_text(words, encoding="utf-8")
        print(f"FOUND {folder}: {failure.kind}\n    {failure.message[:300]}", flush=True)


def main() -> int:
    """Fuzz, with a line for each batch. Returns the exit code."""
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    run = Fuzzing(given.out, given.out / "mypy_cache")
    run.again()
    started, number = time.monotonic(), 0
    while time.monotonic() - started < given.seconds:
        seed = f"{given.seed}/{number}"
        random = Random(seed)
        run.batch([random_tool(random, f"t{index}") for index in range(given.batch)], seed)
        number += 1
        spent = time.monotonic() - started
        print(
            f"{spent:7.0f} s  batch {number}: {run.tools} tools, {run.samples} samples, "
            f"{run.kinds.total()} failures of {len(run.kinds)} kinds",
            flush=True,
        )
    for kind, count in run.kinds.most_common():
        print(f"{count:6} {kind}")
    return 1 if run.kinds else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300, help="when to stop")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other schemas")
    parser.add_argument("--batch", type=int, default=40, help="tools for each server")
    parser.add_argument(
        "--out", type=Path, default=Path("build/fuzz"), help="where cases are saved"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
