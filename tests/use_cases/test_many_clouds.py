"""Three clouds of different shapes answer one question, and a large report stays in the sandbox."""

from __future__ import annotations

from pathlib import Path

from tests.use_cases.pages import assert_as_told, demonstrated


def test_three_shapes_become_one_answer_and_the_report_stays_in_the_sandbox(tmp_path: Path) -> None:
    shown = demonstrated("many_clouds", tmp_path / "out")
    assert_as_told(shown)
    [report] = [c for c in shown.outcomes[0]["calls"] if c["tool"] == "usage_report"]
    assert report["received_bytes"] > 100_000 > 100 * len(shown.printed)
    assert shown.cost["one_program"]["context"] * 20 < shown.cost["one_by_one"]["context"]
    # The parts add up to the whole.
    amounts = [
        int(line[16:].split()[0].replace(",", ""))
        for line in shown.printed.splitlines()
        if line.endswith(" USD a month")
    ]
    assert len(amounts) == 10 and sum(amounts[:-1]) == amounts[-1]
