"""The verdicts of `diff` on changed schemas, next to what values say.

    python -m benchmarks.diff_verdicts [--pairs N] [--seed N] [--json FILE]

How pairs are made, and what is compared, is told in `benchmarks/README.md`. The exit code is 1 when
a change that is called compatible is refuted, or one that is called breaking stays unexplained.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Literal

import jsonschema_rs
from mcp_sdkgen import Snapshot, build
from mcp_sdkgen_runtime import RawResult, ResultError
from mcp_sdkgen_runtime.schema.compat import Severity, tool_changes
from mcp_sdkgen_runtime.tool.codec import decode

from benchmarks.measuring import show, write_json
from benchmarks.packages import read_package
from benchmarks.relaxed import WORDS, as_meant, without
from tests.grafting import Grafts
from tests.places import has_expected_objects, is_type_correct, without_undeclared_keys
from tests.random_schemas import random_object_schema
from tests.runtime.schema.compat.schemas import opened
from tests.sampling import sample
from tests.schema_changes import changed
from tests.spoiling import spoil

Side = Literal["arguments", "results"]
SAMPLES = 24
GRAFTED = 60_000
"""For changes that are called breaking, when the samples do not show why: how many values are made
from them by exchanging parts."""
BATCH = 100
SHOWN = 3

EXPLAINED = {
    "argument-removed": "the parameter is gone, even where the new schema takes any key",
    "field-removed": "the attribute is gone, even where it could always be missing",
    "shape-changed": "a model and a dict are different types, whatever they hold",
    "other-keys-closed": "the parameter for further arguments is gone, or a model that was read "
    "with further keys cannot be sent back",
    "other-keys-changed": "a model that was read with further keys may not be sent back",
    "format-added": "a validator may check formats, though not every one does",
    "format-changed": "the same",
    "format-removed": "the same, in code that relies on it",
    "not-comparable": "it could not be proven harmless",
    "rule-added": "what a condition or a negation allows is compared by its text alone",
    "rule-changed": "the same",
    "rule-removed": "the same",
}
"""Kinds of changes that break code without any value being refused."""


OPEN_VALUES = {"enum-value-added", "union-member-added"}
"""What says that results may have values beside those listed; which types of results allow."""


@dataclass(frozen=True)
class Verdict:
    """What is said of one pair on one side. `witness` is a value that shows that it breaks.

    `hidden_by` is the keyword without which a value shows it, where none does with it.
    """

    side: Side
    pair: int
    breaking: bool
    kinds: tuple[str, ...]
    tried: int
    witness: str = ""
    by_model: bool = False
    hidden_by: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether a change was called compatible that is not."""
        return bool(self.witness) and not self.breaking

    @property
    def is_unexplained(self) -> bool:
        """Whether nothing shows why the change is called breaking."""
        known = self.witness or self.hidden_by or EXPLAINED.keys() & set(self.kinds)
        return self.breaking and not known


def pairs(count: int, seed: int) -> Iterator[tuple[Any, Any]]:
    """Schemas with their changed form; which of both is the old one is chance."""
    for number in range(count):
        random = Random(f"{seed}/{number}")
        schema = random_object_schema(random)
        other = changed(schema, random)
        yield (schema, other) if random.random() < 0.7 else (other, schema)


def judge(some: list[tuple[int, Any, Any]]) -> list[Verdict]:
    """Judge pairs on both sides. Run it in a process of its own: the SDKs stay imported."""
    tools = {number: _tool(number, old) for number, old, _ in some}
    models = _models(list(tools.values()))
    found = []
    sides: tuple[tuple[Side, str], ...] = (("arguments", "input"), ("results", "output"))
    for number, old, new in some:
        changes = tool_changes(tools[number], _tool(number, new))
        for side, part in sides:
            own = [change for change in changes if change.part == part]
            breaks = [change.kind for change in own if change.severity is Severity.BREAKING]
            kinds = tuple(sorted(set(breaks or [change.kind for change in own])))
            opens = not breaks and not OPEN_VALUES.isdisjoint(kinds)
            refused = _refused_arguments if side == "arguments" else _refused_results
            tool = models[f"t{number}"]
            verdict = Verdict(side, number, bool(breaks), kinds, *refused(old, new, tool, opens))
            if verdict.is_unexplained:
                shown = refused(old, new, tool, opens, GRAFTED)
                verdict = replace(verdict, tried=shown[0], witness=shown[1], by_model=shown[2])
            if verdict.is_unexplained:
                verdict = replace(verdict, hidden_by=_hidden_by(refused, old, new))
            found.append(verdict)
    return found


def _tool(number: int, schema: Any) -> dict[str, Any]:
    return {"name": f"t{number}", "inputSchema": schema, "outputSchema": schema}


def _models(tools: list[dict[str, Any]]) -> dict[str, Any]:
    """The SDK's description of each tool, with its result type, by wire name."""
    with TemporaryDirectory() as folder:
        snapshot = Snapshot.of(f"pairs_{tools[0]['name']}", tools)
        report = build([snapshot], out=folder, make_wheels=False, run_check=False, jobs=1)
        package = read_package(Path(folder) / report.servers[0].slug)
        sys.path.insert(0, str(package.folder.parent))
        found = {}
        for method in package.methods:
            tool = importlib.import_module(f"{package.name}.tools.{method.module}").TOOL
            tool.result_adapter  # noqa: B018  # imports the types before the folder is gone
            found[tool.name] = tool
        return found


def _hidden_by(refused: Any, old: Any, new: Any) -> str:
    """The keyword without which a value shows that the change breaks; empty if there is none."""
    for words in WORDS:
        relaxed = without(old, words), without(new, words)
        if refused(*relaxed, None, False, GRAFTED)[1]:
            return words[0]
    return ""


def _refused_arguments(
    old: Any, new: Any, tool: Any, has_new_values: bool, grafts: int = 0
) -> tuple[int, str, bool]:
    """How many arguments were tried that code against `old` could send, and one that is refused.
    The last is false: no model is asked."""
    before, after = (jsonschema_rs.validator_for(as_meant(one)) for one in (old, new))
    values = _samples(old)
    more = [one.value for one in spoil(new, _samples(new))]
    pruned = (without_undeclared_keys(old, value) for value in (*values, *more))
    written = (value for value in pruned if is_type_correct(old, value))
    made = islice(Grafts(old, new).values(values), grafts)
    tried = 0
    for value in chain(written, made):
        if not isinstance(value, dict) or not before.is_valid(value):
            continue
        tried += 1
        if not after.is_valid(value) and is_type_correct(old, value):
            return tried, f"{value!r:.300}", False
    return tried, "", False


def _refused_results(
    old: Any, new: Any, tool: Any, has_new_values: bool, grafts: int = 0
) -> tuple[int, str, bool]:
    """How many results were tried that `new` allows, one that is not what `old` promised, and
    whether there is one that the old model refuses. New values of an enum are no breach."""
    old, new = as_meant(old), as_meant(new)
    before, after = jsonschema_rs.validator_for(opened(old)), jsonschema_rs.validator_for(new)
    values = _samples(new)
    more = [one.value for one in spoil(old, _samples(old))]
    made = islice(Grafts(new, old).values(values), grafts)
    tried, witness = 0, ""
    for value in chain(values, more, made):
        if not after.is_valid(value) or not has_expected_objects(new, value):
            continue
        tried += 1
        if tool is not None and not _is_read(tool, value):
            return tried, f"{value!r:.300}", True
        if not witness and not (has_new_values or before.is_valid(value)):
            witness = f"{value!r:.300}"
    return tried, witness, False


def _samples(schema: Any) -> list[Any]:
    """Samples without further keys at the root, and others that may have some."""
    closed = sample(schema, count=SAMPLES, extra_keys=False).values
    return [*closed, *sample(schema, count=SAMPLES, seed=1).values]


def _is_read(tool: Any, value: Any) -> bool:
    try:
        decode(tool, RawResult(structured=value))
    except ResultError:
        return False
    return True


def main() -> int:
    """Judge all pairs, print the tables and the disagreements. Returns the exit code."""
    given = _arguments()
    numbered = [(n, *pair) for n, pair in enumerate(pairs(given.pairs, given.seed))]
    batches = [numbered[first : first + BATCH] for first in range(0, len(numbered), BATCH)]
    context = get_context("spawn")
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(given.jobs, mp_context=context, max_tasks_per_child=1) as pool:
        for done, some in enumerate(pool.map(judge, batches), start=1):
            verdicts += some
            print(f"\r{done * BATCH}/{given.pairs}", end="", file=sys.stderr)
    print(file=sys.stderr)
    show(
        "Verdicts of diff",
        ("side", "pairs", "breaking: shown", "by model", "explained", "hidden",
         "unexplained", "compatible: kept", "refuted", "no value"),
        [_row(side, [v for v in verdicts if v.side == side]) for side in ("arguments", "results")],
    )  # fmt: skip
    _tell(verdicts, {number: pair for number, *pair in numbered})
    write_json(given.json, {"verdicts": [asdict(verdict) for verdict in verdicts]})
    return 1 if any(v.is_wrong or v.is_unexplained for v in verdicts) else 0


def _row(side: Side, verdicts: list[Verdict]) -> tuple[object, ...]:
    tried = [verdict for verdict in verdicts if verdict.tried]
    breaking = [verdict for verdict in tried if verdict.breaking]
    shown = [verdict for verdict in breaking if verdict.witness]
    unexplained = sum(verdict.is_unexplained for verdict in breaking)
    hidden = sum(bool(verdict.hidden_by) for verdict in breaking)
    wrong = sum(verdict.is_wrong for verdict in tried)
    return (
        side, len(verdicts), len(shown), sum(verdict.by_model for verdict in shown),
        len(breaking) - len(shown) - unexplained - hidden, hidden, unexplained,
        len(tried) - len(breaking) - wrong, wrong, len(verdicts) - len(tried),
    )  # fmt: skip


def _tell(verdicts: Iterable[Verdict], schemas: dict[int, list[Any]]) -> None:
    """Print each refuted verdict, and of the others that nothing shows some of each kind."""
    counts: Counter[tuple[Side, str]] = Counter()
    for verdict in verdicts:
        if not verdict.tried or (verdict.witness and verdict.breaking):
            continue
        if verdict.is_wrong:
            print(f"REFUTED {verdict.side} {verdict.pair}: {', '.join(verdict.kinds)}")
        elif verdict.breaking:
            kind = ", ".join(verdict.kinds)
            if verdict.hidden_by:
                kind = f"hidden by `{verdict.hidden_by}`"
            counts[verdict.side, kind] += 1
            if not verdict.is_unexplained or counts[verdict.side, kind] > SHOWN:
                continue
            print(f"UNEXPLAINED {verdict.side} {verdict.pair}: {kind}")
        else:
            continue
        place, old, new = _difference(*schemas[verdict.pair])
        print(f"    at {place or '/'}\n    old {old}\n    new {new}\n    {verdict.witness}")
    for (side, kind), count in counts.most_common():
        print(f"{count:6} {side}: {kind}")


def _difference(old: Any, new: Any, place: str = "") -> tuple[str, Any, Any]:
    """The smallest part that all that differs is in: its place, and both forms of it."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        differing = [key for key in old if old[key] != new[key]]
        if len(differing) == 1:
            key = differing[0]
            return _difference(old[key], new[key], f"{place}/{key}")
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        indexes = [index for index, item in enumerate(old) if item != new[index]]
        if len(indexes) == 1:
            index = indexes[0]
            return _difference(old[index], new[index], f"{place}/{index}")
    return place, old, new


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=2000, help="how many pairs of schemas")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other pairs")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all verdicts here too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
