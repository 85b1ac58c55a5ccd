"""The sweep: every saved tool list of a folder becomes an SDK, and every SDK is judged.

    python -m benchmarks.corpus [--corpus DIR] [--only TEXT] [--invalid] [--json FILE]

What is judged and how is told in `benchmarks/README.md`. The exit code is 0 when all is accepted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bare import import_errors, make_environment
from benchmarks.judging import Row, judge
from benchmarks.measuring import add_corpus_option, corpus_files, show, write_json
from benchmarks.programs import batches, type_errors
from benchmarks.roundtrip import Trip

MAX_LOOSE_SHARE = 0.005
MIN_SHARE = 0.999
SHOWN_PROBLEMS = 40


def build_all(files: list[Path], out: Path, given: argparse.Namespace) -> list[Row]:
    """Build and judge all files, each in a process of its own, with a progress line each."""
    corpus = given.corpus.resolve()
    context = get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.judging"])
    rows = []
    with ProcessPoolExecutor(given.jobs, mp_context=context, max_tasks_per_child=1) as pool:
        names = [str(file.relative_to(corpus).with_suffix("")) for file in files]
        pending = [
            pool.submit(judge, file, name, out / name, given.samples, given.invalid)
            for file, name in zip(files, names, strict=True)
        ]
        for number, future in enumerate(pending, start=1):
            rows.append(future.result())
            print(f"\r{number}/{len(files)} {rows[-1].file:<60.60}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return rows


def check_types(rows: Iterable[Row], out: Path) -> None:
    """Put mypy's errors on the rows: few runs over many packages, with one cache."""
    built = {row.package.folder: row for row in rows if row.package}
    groups = batches(row.package for row in built.values() if row.package)
    for number, group in enumerate(groups):
        errors = type_errors(group, out / "programs" / str(number), out / "mypy_cache")
        for package in group:
            built[package.folder].type_errors = errors[package.name]


def check_imports(rows: Iterable[Row], out: Path, jobs: int) -> None:
    """Put on the rows what fails when their wheels are imported in a bare environment."""
    built = {row.wheel: row for row in rows if row.wheel and row.package}
    if not built:
        return
    runtime = next(next(iter(built)).parent.glob("mcp_sdkgen_runtime-*.whl"))
    python = make_environment(out / "bare", runtime)
    wheels = [(row.package.name, wheel) for wheel, row in built.items() if row.package]
    for wheel, error in import_errors(python, wheels, out / "installed", jobs).items():
        built[wheel].import_error = error


def main() -> int:
    """Sweep, print the table, the sums and the problems. Returns the exit code."""
    given = _arguments()
    if given.corpus is None:
        print("no corpus: give a folder of saved tool lists with --corpus", file=sys.stderr)
        return 2
    corpus = given.corpus.resolve()
    files = [file for file in corpus_files(corpus) if given.only in str(file.relative_to(corpus))]
    with TemporaryDirectory() as scratch:
        out = (given.out or Path(scratch)).resolve()
        rows = build_all(files, out, given)
        if given.types:
            check_types(rows, out)
        if given.imports:
            check_imports(rows, out, given.jobs)
    show(
        "Corpus",
        ("tool list", "methods", "typed", "diag.", "fields", "Any", "mypy", "import",
         "arguments", "results", "s"),
        [*map(_cells, rows), _cells(_sum(rows))],
    )  # fmt: skip
    if given.invalid:
        _show_invalid(_sum(rows).trip)
    verdicts = list(_verdicts(rows))
    print("\n".join(verdicts) or "accepted")
    write_json(given.json, {"rows": [r.to_json() for r in rows], "verdicts": verdicts})
    return 1 if verdicts else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_corpus_option(parser)
    parser.add_argument("--only", default="", metavar="TEXT", help="files with TEXT in their path")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep what is built here")
    parser.add_argument("--samples", type=int, default=12, help="samples per schema")
    parser.add_argument("--invalid", action="store_true", help="send broken arguments too")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument("--no-types", dest="types", action="store_false", help="without mypy")
    parser.add_argument("--no-imports", dest="imports", action="store_false", help="without wheels")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    return parser.parse_args()


def _sum(rows: list[Row]) -> Row:
    total = Row(f"all {len(rows)}", Path())
    for row in rows:
        total.tools += row.tools
        total.methods += row.methods
        total.output_schemas += row.output_schemas
        total.typed_results += row.typed_results
        total.seconds += row.seconds
        for level, count in row.diagnostics.items():
            total.diagnostics[level] = total.diagnostics.get(level, 0) + count
        for name, value in vars(row.trip).items():
            setattr(total.trip, name, getattr(total.trip, name) + value)
        if row.type_errors is not None:
            total.type_errors = [*(total.type_errors or ()), *row.type_errors]
        if row.import_error is not None:
            total.import_error = total.import_error or row.import_error
    return total


def _show_invalid(trip: Trip) -> None:
    """The table of broken arguments by keyword, and each that was sent."""
    counts = [*trip.spoiled.most_common(), ("all", trip.spoiled.total())]
    refused = {**trip.refused, "all": trip.refused.total()}
    rows = [(word, n, refused.get(word, 0), n - refused.get(word, 0)) for word, n in counts]
    show("Arguments with one broken keyword", ("keyword", "given", "refused", "let through"), rows)
    print("\n".join(trip.let_through))


def _cells(row: Row) -> tuple[object, ...]:
    trip = row.trip
    share = 100 * len(trip.loose) / trip.fields if trip.fields else 0.0
    return (
        row.file,
        f"{row.methods}/{row.tools}",
        f"{row.typed_results}/{row.output_schemas}",
        "/".join(str(row.diagnostics.get(level, 0)) for level in ("error", "warning", "note")),
        trip.fields,
        f"{len(trip.loose)} ({share:.2f} %)" if trip.loose else "0",
        "-" if row.type_errors is None else len(row.type_errors),
        "-" if row.import_error is None else "no" if row.import_error else "ok",
        f"{trip.arrived}/{trip.given}",
        f"{trip.kept}/{trip.returned}",
        f"{row.seconds:.1f}",
    )


def _verdicts(rows: list[Row]) -> Iterator[str]:
    """What keeps the sweep from being accepted, a line each; nothing when it is."""
    problems = [f"{row.file}: {problem}" for row in rows for problem in row.problems]
    yield from problems[:SHOWN_PROBLEMS]
    if len(problems) > SHOWN_PROBLEMS:
        yield f"... and {len(problems) - SHOWN_PROBLEMS} more"
    trip = _sum(rows).trip
    if len(trip.loose) > MAX_LOOSE_SHARE * trip.fields:
        yield f"too many fields are Any: {len(trip.loose)} of {trip.fields}"
    for what, whole, good in (
        ("arguments", trip.given, trip.arrived),
        ("results", trip.returned, trip.kept),
    ):
        if good < MIN_SHARE * whole:
            yield f"too few {what} came through: {good} of {whole}"
            yield from [f"  {line}" for line in trip.failures][:SHOWN_PROBLEMS]
    if trip.refused.total() < MIN_SHARE * trip.spoiled.total():
        yield f"too few broken arguments refused: {trip.refused.total()} of {trip.spoiled.total()}"


if __name__ == "__main__":
    sys.exit(main())
