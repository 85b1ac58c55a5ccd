"""What a model has to read: tokens of prompts, against the tool lists they were made from.

    python -m benchmarks.prompts [--corpus DIR] [--json FILE]

The exit code is 0 when the surface takes at most 40 % of the tokens of the raw tool lists, and the
shortest prompt at most 1,000 tokens at every size.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mcp_sdkgen_codemode.prompting.prompt import (
    DEFAULT_BUDGET,
    SEARCH_TOKENS,
    Detail,
    api,
    prompt,
    render,
)
from mcp_sdkgen_codemode.prompting.tokens import TOKENIZER, count
from mcp_sdkgen_runtime.catalog.index import Sdk

from benchmarks.catalogs import Built, build_catalog, one_list_a_server
from benchmarks.measuring import Json, add_corpus_option, show, write_json

MAX_SURFACE_SHARE = 0.4
SIZES = (10, 100, 1_000, 2_400)


def raw_tokens(tools: list[Json]) -> int:
    """Tokens of a `tools/list` result as a client would send it on: JSON without white space."""
    return count(json.dumps(tools, ensure_ascii=False, separators=(",", ":")))


def facts_of(built: Built) -> Json:
    """Tokens of one server: its raw list, its surface as a file, and the API at each level."""
    levels = {str(detail): count(api([built.sdk], detail)) for detail in Detail}
    return {
        "server": built.name,
        "tools": len(built.tools),
        "raw": raw_tokens(built.tools),
        "file": count(built.sdk.surface),
        **levels,
    }


def of_size(sdks: Sequence[Sdk], size: int) -> list[Sdk]:
    """The first SDKs that have at least `size` tools together; copies follow where there are too
    few."""
    chosen: list[Sdk] = []
    tools = 0
    while tools < size:
        sdk = sdks[len(chosen) % len(sdks)]
        chosen.append(sdk)
        tools += len(sdk.tools)
    return chosen


def total_tools(sdks: Sequence[Sdk]) -> int:
    """The tools of all SDKs."""
    return sum(len(sdk.tools) for sdk in sdks)


def main() -> int:
    """Measure, print the tables, and judge. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_corpus_option(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()
    if given.corpus is None:
        parser.error("no corpus: give a folder of saved tool lists with --corpus")
    with TemporaryDirectory() as scratch:
        built = list(build_catalog(one_list_a_server(given.corpus), Path(scratch)))
        rows = [facts_of(one) for one in built]
        # Few-tool servers first, so that the small sizes are made of several servers.
        sdks = sorted((one.sdk for one in built), key=lambda sdk: (len(sdk.tools), sdk.server))
        sizes = [render(of_size(sdks, size), Detail.SEARCH) for size in SIZES]
        filled = [prompt(of_size(sdks, size)) for size in SIZES if size <= total_tools(sdks)]
    total: Json = {key: sum(row[key] for row in rows) for key in rows[0] if key != "server"}
    total["server"] = f"all {len(rows)}"
    levels = ("file", *Detail)
    show(
        f"Tokens ({TOKENIZER}), and their share of the raw tools/list",
        ("server", "tools", "raw", *levels),
        [_cells(row, levels) for row in [*rows, total]],
    )
    show(
        "The shortest prompt, rules included",
        ("tools", "packages", "tokens"),
        [(made.tools, len(made.servers), made.tokens) for made in sizes],
    )
    show(
        f"What a prompt of {DEFAULT_BUDGET:,} tokens shows",
        ("tools", "packages", "tokens", *Detail),
        [
            (made.tools, len(made.servers), made.tokens, *(made.shown.get(d, 0) for d in Detail))
            for made in filled
        ],
    )
    verdicts = list(_verdicts(total, [made.tokens for made in sizes]))
    print("\n".join(verdicts) or "accepted")
    write_json(given.json, {"rows": rows, "total": total, "verdicts": verdicts})
    return 1 if verdicts else 0


def _cells(row: Json, levels: Sequence[str]) -> tuple[object, ...]:
    shares = (f"{row[level]:,} ({100 * row[level] / row['raw']:.0f} %)" for level in levels)
    return (row["server"], row["tools"], f"{row['raw']:,}", *shares)


def _verdicts(total: Json, searches: Sequence[int]) -> Iterator[str]:
    for level in ("file", Detail.SURFACE):
        if total[level] > MAX_SURFACE_SHARE * total["raw"]:
            yield f"{level}: {total[level]} of {total['raw']} tokens are too many"
    for tokens in searches:
        if tokens > SEARCH_TOKENS:
            yield f"the shortest prompt takes {tokens} tokens"


if __name__ == "__main__":
    sys.exit(main())
