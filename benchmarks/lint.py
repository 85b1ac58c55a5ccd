"""What real servers' tool lists could say better: the table of the commonest findings.

    python -m benchmarks.lint [--corpus DIR] [--write]

`--write` puts the rules and the table into docs/guides/lint.md, between their marks.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from mcp_sdkgen import take_snapshot
from mcp_sdkgen.lint import RULES, Lint, lint

from benchmarks.measuring import add_corpus_option, corpus_files

SHOWN = 10
PAGE = Path(__file__).parents[1] / "docs" / "guides" / "lint.md"


def commonest(results: Iterable[Lint]) -> str:
    """A Markdown table of the commonest findings, and a line about the scores."""
    found = list(results)
    counts: Counter[str] = Counter()
    servers: Counter[str] = Counter()
    tools: Counter[str] = Counter()
    for result in found:
        codes = [each.code for each in result.all_findings]
        counts.update(codes)
        servers.update(set(codes))
        for tool in result.tools:
            tools.update({each.code for each in tool.findings})
    scores = sorted(result.score for result in found)
    number = sum(len(result.tools) for result in found)
    lines = [
        f"{len(found)} tool lists with {number:,} tools: scores from {scores[0]} to {scores[-1]}, "
        f"the median is {scores[len(scores) // 2]}.",
        "",
        "| finding | findings | tools with it | tool lists with it |",
        "| --- | ---: | ---: | ---: |",
    ]
    order = sorted(counts, key=lambda code: (-tools[code], code))
    for code in order[:SHOWN]:
        share = f"{100 * tools[code] / number:.0f} %"
        lines.append(f"| `{code}` | {counts[code]:,} | {share} | {servers[code]} |")
    return "\n".join(lines)


def rules() -> str:
    """A Markdown table of all rules."""
    lines = ["| finding | points | at most | fix |", "| --- | ---: | ---: | --- |"]
    for code, rule in RULES.items():
        lines.append(f"| `{code}` | {rule.cost} | {rule.most} | {rule.fix} |")
    return "\n".join(lines)


def with_table(page: str, mark: str, table: str) -> str:
    """The page with `table` between the comments `<!-- mark -->` and `<!-- end of mark -->`."""
    pattern = rf"(<!-- {mark} -->\n).*(<!-- end of {mark} -->)"
    replaced, times = re.subn(
        pattern, lambda match: f"{match[1]}\n{table}\n\n{match[2]}", page, flags=re.DOTALL
    )
    if times != 1:
        raise ValueError(f"the page has no place for {mark!r}")
    return replaced


def main() -> int:
    """Print the table, or write it into the page. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_corpus_option(parser)
    parser.add_argument("--write", action="store_true", help="write it into the page")
    given = parser.parse_args()
    if given.corpus is None:
        print("no corpus: give a folder of saved tool lists with --corpus", file=sys.stderr)
        return 2
    table = commonest(lint(take_snapshot(file)) for file in corpus_files(given.corpus.resolve()))
    if given.write:
        page = with_table(PAGE.read_text(encoding="utf-8"), "rules", rules())
        PAGE.write_text(with_table(page, "the commonest", table), encoding="utf-8")
    else:
        print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
