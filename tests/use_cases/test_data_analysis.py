"""Orders go into pandas in the sandbox, and a chart comes out."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from mcp_sdkgen.cli.demo.perform import built
from mcp_sdkgen.cli.demo.use_case import USE_CASES, read
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen_codemode import execute

from tests.use_cases.pages import assert_as_told, demonstrated


def test_pandas_in_the_sandbox_agrees_with_sql_and_draws_a_chart(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    shown = demonstrated("data_analysis", tmp_path / "out")
    assert_as_told(shown)
    with sqlite3.connect(shown.folder / "warehouse.db") as db:
        sums = db.execute(
            "SELECT sum(euros) FROM orders WHERE NOT returned GROUP BY line, substr(day, 1, 4)"
        ).fetchall()
    assert len(sums) == 8
    for (euros,) in sums:
        assert f"{euros:,.0f} EUR" in shown.printed
    chart = (shown.folder / "files" / "monthly.png").read_bytes()
    assert chart.startswith(b"\x89PNG\r\n") and len(chart) > 10_000
    # One by one, the sums are left to SQL, which is how such a model would ask.
    assert shown.cost["one_by_one"]["calls"] == 3


def test_the_warehouse_answers_queries_and_changes_nothing(tmp_path: Path) -> None:
    made, _ = built(replace(read(USE_CASES, "data_analysis"), packages=()), tmp_path)
    program = "from warehouse_sdk import warehouse\nwarehouse.query(sql='DELETE FROM orders')\n"
    outcome = execute(program, sdks=made.sdks, bindings=made.bindings)
    assert outcome.error is not None and "readonly" in outcome.error.message


def test_a_package_that_is_missing_is_named_with_how_to_install_it(tmp_path: Path) -> None:
    case = replace(read(USE_CASES, "data_analysis"), packages=("pandas", "no_such_package"))
    with pytest.raises(ConfigError, match=r"not installed: .*no_such_package") as raised:
        built(case, tmp_path)
    assert raised.value.hint == "pip install no_such_package"
