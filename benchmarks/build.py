"""Build time: a whole SDK against datamodel-code-generator called once per schema.

    python -m benchmarks.build [--corpus DIR] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from statistics import median

from mcp_sdkgen import Snapshot, generate

from benchmarks.measuring import (
    Json,
    Spent,
    add_corpus_option,
    in_fresh_process,
    peer_module,
    schemas_of,
    show,
    some_tools,
    spend,
    write_json,
)

GROWTH = (10, 100, 1_000)
WARM_UP: Json = {
    "name": "warm_up",
    "inputSchema": {"type": "object", "properties": {"a": {"type": "string"}}},
}


def time_ours(tools: list[Json]) -> Spent:
    """Generate one SDK with all tools, once everything is imported."""
    generate(Snapshot.of("warm-up", [WARM_UP]))
    snapshot = Snapshot.of("benchmark", tools)
    return spend(lambda: generate(snapshot))


def time_peer(tools: list[Json]) -> Spent:
    """Call datamodel-code-generator once for each schema, once everything is imported."""
    peer_module(WARM_UP["inputSchema"], "WarmUp")

    def each() -> None:
        for tool in tools:
            for name, schema in schemas_of(tool):
                peer_module(schema, name)

    return spend(each)


def compare(tools: list[Json], repeats: int) -> Json:
    """Both sides on the same tools, taking turns, each in fresh processes; medians."""
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(in_fresh_process(time_ours, tools))
        theirs.append(in_fresh_process(time_peer, tools))
    sides = {"mcp-sdkgen, whole SDK": _median(ours), "models only, per schema": _median(theirs)}
    first, second = sides.values()
    return {
        "tools": len(tools),
        "schemas": sum(1 for tool in tools for _ in schemas_of(tool)),
        "sides": {name: asdict(spent) for name, spent in sides.items()},
        "times_faster_wall": second.wall_s / first.wall_s,
        "times_faster_cpu": second.cpu_s / first.cpu_s,
    }


def grow(corpus: Path | None, sizes: tuple[int, ...], repeats: int) -> list[Json]:
    """What SDKs of growing size take, as a whole and per tool."""
    rows = []
    for size in sizes:
        tools = some_tools(corpus, size)
        spent = _median([in_fresh_process(time_ours, tools) for _ in range(repeats)])
        rows.append({"tools": size, **asdict(spent), "wall_ms_per_tool": spent.wall_s / size * 1e3})
    return rows


def main() -> None:
    """Measure, print two tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add_corpus_option(parser)
    parser.add_argument("--tools", type=int, default=100, help="tools in the comparison")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(GROWTH), help="tools to grow to"
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs per figure (median)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()

    comparison = compare(some_tools(given.corpus, given.tools), given.repeats)
    show(
        f"Build time, {comparison['tools']} tools, {comparison['schemas']} schemas",
        ("what", "wall s", "cpu s", "wall ms/tool"),
        [
            (name, side["wall_s"], side["cpu_s"], side["wall_s"] / comparison["tools"] * 1e3)
            for name, side in comparison["sides"].items()
        ],
    )
    print(
        f"times faster: {comparison['times_faster_wall']:.1f} by the clock, "
        f"{comparison['times_faster_cpu']:.1f} by CPU time\n"
    )
    growth = grow(given.corpus, tuple(given.sizes), given.repeats)
    show(
        "Growth",
        ("tools", "wall s", "cpu s", "wall ms/tool"),
        [(r["tools"], r["wall_s"], r["cpu_s"], r["wall_ms_per_tool"]) for r in growth],
    )
    write_json(given.json, {"comparison": comparison, "growth": growth})


def _median(runs: list[Spent]) -> Spent:
    return Spent(median(run.wall_s for run in runs), median(run.cpu_s for run in runs))


if __name__ == "__main__":
    main()
