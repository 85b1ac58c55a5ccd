"""Orders are fulfilled once, however often the program runs, and what fails is undone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.use_cases.pages import assert_as_told, demonstrated


def test_two_runs_charge_once_and_a_failed_order_is_undone(tmp_path: Path) -> None:
    shown = demonstrated("order_processing", tmp_path / "out")
    assert_as_told(shown)

    def rows(server: str, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(shown.folder / f"{server}.db") as db:
            return db.execute(sql).fetchall()

    assert rows("payment", "SELECT idempotency_key, cents, status FROM payment") == [
        ("2026-0601", 7470, "charged"),
        ("2026-0602", 9980, "refunded"),
        ("2026-0604", 13890, "charged"),
    ]
    assert rows("shipping", "SELECT order_id FROM shipment") == [("2026-0601",), ("2026-0604",)]
    # The toasters that cannot be sent are back; the order of too many drills took none.
    assert rows("inventory", "SELECT sku, available FROM stock ORDER BY sku") == [
        ("drill", 2),
        ("kettle", 11),
        ("lamp", 38),
        ("toaster", 4),
    ]
    assert rows("inventory", "SELECT DISTINCT order_id FROM reserved") == [
        ("2026-0601",),
        ("2026-0604",),
    ]
    assert "shipping/ship tool_error" in shown.calls
    assert shown.calls.index("payment/refund ok") > shown.calls.index("shipping/ship tool_error")
    # In the second run every charge was known.
    assert "Charged in this run: 0.00 EUR" in shown.outcomes[1]["stdout"]
    assert not any(call["tool"] == "refund" for call in shown.outcomes[1]["calls"])
