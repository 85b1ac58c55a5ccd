"""A service with many errors gets an issue and a message, but only after somebody approved."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mcp_sdkgen.cli.demo.perform import built, performed
from mcp_sdkgen.cli.demo.use_case import USE_CASES, read
from mcp_sdkgen_codemode.policy.approval import ApprovalRequest, from_callback

from tests.use_cases.pages import assert_as_told, demonstrated


def rows(folder: Path, server: str, sql: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(folder / f"{server}.db") as db:
        return db.execute(sql).fetchall()


def test_many_errors_become_an_issue_and_a_message(tmp_path: Path) -> None:
    shown = demonstrated("devops", tmp_path / "out")
    assert_as_told(shown)
    asked = (
        'asked: Server: "tracker"\nTool: "create_issue"\nWhy: the rule `ask tracker/create_issue`'
    )
    assert asked in shown.told
    assert shown.told.count("asked: ") == 1
    [(repo, title, body)] = rows(shown.folder, "tracker", "SELECT repo, title, body FROM issue")
    assert (repo, title) == (
        "company/api-service",
        "High error rate: 214 errors in an hour",
    )
    counted = "SELECT kind, count(*) FROM error WHERE service = 'api-service'"
    counted += " AND at > '2026-06-01T13:30' GROUP BY kind"
    for kind, count in rows(shown.folder, "monitoring", counted):
        assert f"- {count} {kind}, such as: " in body
    [(channel, text)] = rows(shown.folder, "chat", "SELECT channel, text FROM message")
    assert channel == "eng-alerts" and text.endswith("/company/api-service/issues/1")


def test_without_approval_no_issue_is_made_and_the_message_says_so(tmp_path: Path) -> None:
    case = read(USE_CASES, "devops")
    asked: list[ApprovalRequest] = []

    def refuse(request: ApprovalRequest) -> bool:
        asked.append(request)
        return False

    made, policy = built(case, tmp_path)
    [(outcome, _)] = performed(case, made, policy, tmp_path, approver=from_callback(refuse))
    assert outcome.ok, outcome.error
    assert [(one.server, one.tool) for one in asked] == [("tracker", "create_issue")]
    assert [c.status for c in outcome.calls if c.tool == "create_issue"] == ["refused"]
    assert rows(tmp_path, "tracker", "SELECT * FROM issue") == []
    [(text,)] = rows(tmp_path, "chat", "SELECT text FROM message")
    assert text.endswith("Nobody approved an issue.")
