"""All reports are read at once, and the note rests on those that measured."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.use_cases.pages import assert_as_told, demonstrated


def test_every_report_is_read_at_once_and_a_note_names_its_sources(tmp_path: Path) -> None:
    shown = demonstrated("research_assistant", tmp_path / "out")
    assert_as_told(shown)
    with sqlite3.connect(shown.folder / "library.db") as db:
        [(text, sources)] = db.execute("SELECT text, sources FROM note").fetchall()
        found = db.execute(
            "SELECT report_id FROM report WHERE text LIKE '%flow temperature of%' ORDER BY 1"
        ).fetchall()
    assert sources.split() == [report_id for (report_id,) in found] and len(found) == 54
    assert text in shown.printed
    fetched = [call for call in shown.outcomes[0]["calls"] if call["tool"] == "fetch"]
    first_end = min(call["start_s"] + call["duration_s"] for call in fetched)
    assert len(fetched) == 60
    assert sum(call["start_s"] < first_end for call in fetched) > 1, "one after the other"
