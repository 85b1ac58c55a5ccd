"""Recall of tool search on labelled queries, next to fastmcp's search over the same tools.

    python -m benchmarks.search [--corpus DIR] [--rerank] [--fastmcp PYTHON] [--json FILE]

`queries.json` has the queries, in a user's words. `tools` are the right answers named with the
query, `pooled` those found right afterwards among what the searches returned. Those `chosen` are
tasks that came to mind, mostly in words that no tool uses; those `drawn` are one for each of 79
tools drawn at random. Recall is the share of queries with a right tool among the first 5 or 10,
since one is enough for a user; coverage is the mean share of a query's right tools that are there.
Queries whose tools the corpus lacks are left out, and their number is shown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mcp_sdkgen_codemode.tool_search.search import search

from benchmarks.catalogs import Built, build_catalog, one_list_a_server
from benchmarks.measuring import Json, add_corpus_option, show, write_json

QUERIES = Path(__file__).with_name("queries.json")
CUTS = (5, 10)

Ranked = list[list[str]]


def labelled(tools: set[str]) -> tuple[list[Json], int]:
    """The queries with a right answer among these tools (`server/tool`), and how many have none."""
    every: list[Json] = json.loads(QUERIES.read_text(encoding="utf-8"))
    usable = [query for query in every if tools & right(query)]
    return usable, len(every) - len(usable)


def right(query: Json) -> set[str]:
    """All right answers of a query: those named with it, and those that pooling found."""
    return {*query["tools"], *query.get("pooled", ())}


def half(query: Json) -> str:
    """The half a query is in: rankers are tuned on `tuned`, and judged on `held out`."""
    odd = hashlib.sha256(query["query"].encode()).digest()[0] & 1
    return "held out" if odd else "tuned"


def ours(built: Sequence[Built], queries: Sequence[str], *, rerank: bool = False) -> Ranked:
    """Names by rank of our search for each query."""
    sdks = [one.sdk for one in built]
    wires = {
        (one.sdk.server, method): f"{one.name}/{wire}"
        for one in built
        for method, wire in one.wire.items()
    }
    return [
        [
            wires[entry.server, entry.name.partition(".")[2]]
            for entry in search(query, max(CUTS), sdks, rerank=rerank)
        ]
        for query in queries
    ]


def theirs(
    python: Path, built: Sequence[Built], queries: Sequence[str]
) -> tuple[str, Ranked, float, float]:
    """fastmcp's version, its names by rank, and the seconds of its first query, with its index, and
    of each further one. Each name starts with its server's, as it does where fastmcp mounts many
    servers."""
    tools = [
        (f"{one.name}/{tool['name']}", {"inputSchema": {}, **tool})
        for one in built
        for tool in one.tools
    ]
    given = {"tools": tools, "queries": list(queries), "limit": max(CUTS)}
    script = Path(__file__).with_name("peer_search.py")
    answer = subprocess.run(
        [python, script], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    found: Json = json.loads(answer.stdout.splitlines()[-1])
    return f"fastmcp {found['version']}", found["ranked"], found["first_s"], found["each_s"]


def fastmcp_environment(folder: Path) -> Path:
    """The interpreter of a new environment with the newest fastmcp."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "fastmcp"], check=True)
    return python


def recall(queries: Sequence[Json], ranked: Ranked, cut: int) -> float:
    """The share of queries with a right answer among the first `cut`."""
    hits = (right(q) & set(names[:cut]) for q, names in zip(queries, ranked, strict=True))
    return sum(map(bool, hits)) / len(queries)


def coverage(queries: Sequence[Json], ranked: Ranked, cut: int) -> float:
    """The mean share of a query's right answers that are among the first `cut`."""
    shares = (
        len(right(q) & set(names[:cut])) / len(right(q))
        for q, names in zip(queries, ranked, strict=True)
    )
    return sum(shares) / len(queries)


def main() -> int:
    """Measure and print the table. The exit code is 1 when ours is below theirs."""
    given = _arguments()
    with TemporaryDirectory() as scratch:
        built = list(build_catalog(one_list_a_server(given.corpus), Path(scratch)))
        names = {f"{one.name}/{tool['name']}" for one in built for tool in one.tools}
        queries, left_out = labelled(names)
        words = [query["query"] for query in queries]
        print(f"{len(queries)} queries over {len(names)} tools; {left_out} left out", flush=True)
        started = time.perf_counter()
        ours(built, words[:1])
        first_s = time.perf_counter() - started
        found = {"ours": ours(built, words)}
        each_s = (time.perf_counter() - started - first_s) / len(words)
        if given.rerank:
            started = time.perf_counter()
            ours(built, words[:1], rerank=True)
            encoded_s = time.perf_counter() - started
            found["ours, re-ranked"] = ours(built, words, rerank=True)
            reranked_s = (time.perf_counter() - started - encoded_s) / len(words)
            print(f"re-ranked, first query: {encoded_s:.1f} s; then {1000 * reranked_s:.0f} ms")
        python = given.fastmcp or fastmcp_environment(Path(scratch) / "fastmcp")
        peer, ranked, peer_first_s, peer_each_s = theirs(python, built, words)
        found[peer] = ranked
    recalls = {name: _recalls(queries, ranked) for name, ranked in found.items()}
    figures = next(iter(recalls.values()))
    show(
        "Recall",
        ("", *recalls),
        [(figure, *(f"{x[figure]:.3f}" for x in recalls.values())) for figure in figures],
    )
    show(
        "Time",
        ("", "ours", peer),
        [
            ("first query, with the index (s)", f"{first_s:.2f}", f"{peer_first_s:.2f}"),
            ("each further query (ms)", f"{1000 * each_s:.1f}", f"{1000 * peer_each_s:.1f}"),
        ],
    )
    if given.misses:
        for query, names_found in zip(queries, found["ours"], strict=True):
            if not right(query) & set(names_found):
                print(f"missed: {query['query']} → {query['tools'][0]}; got {names_found[:3]}")
    times = {"ours": (first_s, each_s), peer: (peer_first_s, peer_each_s)}
    sizes = {"queries": len(queries), "tools": len(names)}
    write_json(given.json, {"recall": recalls, "seconds": times, **sizes})
    whole = f"all, at {CUTS[-1]}"
    return 0 if recalls["ours"][whole] >= recalls[peer][whole] else 1


def _recalls(queries: Sequence[Json], ranked: Ranked) -> dict[str, float]:
    """Each figure by its name: all queries and their parts, both cuts, coverage, and the recall of
    the answers that were named with the queries alone."""
    every = list(zip(queries, ranked, strict=True))
    parts = {"all": every}
    for query, names in every:
        for part in (query["set"], half(query)):
            parts.setdefault(part, []).append((query, names))
    found = {
        f"{part}, at {cut}": recall([q for q, _ in pairs], [names for _, names in pairs], cut)
        for part, pairs in parts.items()
        for cut in CUTS
    }
    cut = CUTS[-1]
    unpooled = [{**query, "pooled": []} for query in queries]
    found[f"unpooled, at {cut}"] = recall(unpooled, ranked, cut)
    found[f"coverage, at {cut}"] = coverage(queries, ranked, cut)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_corpus_option(parser)
    parser.add_argument("--rerank", action="store_true", help="measure the re-ranker too")
    parser.add_argument("--misses", action="store_true", help="list the queries that were missed")
    parser.add_argument(
        "--fastmcp", type=Path, metavar="PYTHON", help="an interpreter that has fastmcp"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()
    if given.corpus is None:
        parser.error("no corpus: give a folder of saved tool lists with --corpus")
    return given


if __name__ == "__main__":
    sys.exit(main())
