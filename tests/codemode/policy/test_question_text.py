"""What a person is shown before an answer: nothing in it can be missed, mistaken or forged."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from typing import Any

import pytest
from confusable_homoglyphs.confusables import confusables_data
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, request_text
from mcp_sdkgen_codemode.policy.plain_text import plain, screen_lines
from mcp_sdkgen_codemode.policy.plan import Plan, PlannedCall
from mcp_sdkgen_codemode.policy.question_text import is_whole
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover

from tests.codemode.policy.typist import Typist


@pytest.mark.parametrize(
    "text",
    [
        # words of other scripts, blanks, right-to-left letters
        "\u0441\u0435\u043e", "\u0410\u0412\u0415", "\u2800", "\u1160", "\u115f", "\U0001d159",
        "/srv/\u05d0\u05d1", "\u13aa\u13b3", "\u0d20\u0d20",
        # digits
        "1\u09ea0 EUR", "\u09ea00", "1\u06f000", "\u0966\u0967", "\u0661", "\u0be6",
        "\u0ce6\u0ce6",
        # slashes, dots, colons, quotes, dashes, brackets
        "https:\u2044\u2044bank.example", "file\u2215name", "a\u29f8b", "etc\u2571passwd",
        "a\u27cbb",
        "\u30ce\u30cebank", "\uff0f", "1\ua4f8000", "bank\ua4f8example", "bank\u3002example",
        "x\u201ay",
        "\u2024\u2024/etc", "bank\u1427example", "1\u14275", "me@corp\u0589com", "a\u2236b",
        "\u05c3",
        "\u2018a\u2019", "\u201ca\u201d", "\u2212500", "\u2010\u2010force", "rm \u2011rf",
        "\u02d7rf",
        "a\u2014b", "\u3014admin\u3015", "\ufe68", "a\u01c3b", "\u01c3", "1\u066b5", "a\u104ab",
        "a\u2502b", " \u2758 ", " \u275b", " \u275c", " \u275d", " \u275e", "\u2e17", "\u2e17rf",
        "\u275f", "\u2795", "\u2768", "\u2e1a", "\u205d", "\u2770", "\ua6f4", "\u301d",
        # letters that are Latin, and no language's
        "\u1d0f\u1d0f", "\u0251", "\u029f", "l\u04cf",
        # letters of scripts that nobody writes any more, also those that Unicode's list has not
        "\u2c80\u2c81\u2c82", "\u2c8c", "\u2ca3\u2cb1", "\u03e3", "\u13aa", "\u2d41", "\u147f",
    ],
)  # fmt: skip
def test_what_looks_like_ascii_or_like_nothing_is_spelled_out(text: str) -> None:
    assert plain(text).isascii()


@pytest.mark.parametrize(
    "text",
    [
        "Größe, naïve, Łódź, Việt", "Привет, мир", "Καλημέρα", "東京 2020年", "ノート",
        "一つ。二つ、三つ",
        "¿Qué? ¡Hola!", "« oui »", "20 €, 21 °C", "a → b", "✓ 😀", "नमस", "한국어 3개", "glad 😀!",
    ],
)  # fmt: skip
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


PICTURES = frozenset("🌕🌝🍫💠💨💵📊🔇🔕🔛🔯🚏🧼🫥≤≥")


def test_no_sign_is_shown_that_unicode_names_like_one_of_ascii() -> None:
    named = re.compile(
        r"\b(AMPERSAND|APOSTROPHE|ASTERISK|BAR|BRACKET|COLON|COMMA|CROSS|DASH|DOLLAR|DOTS?|EQUALS"
        r"|EXCLAMATION|FULL|GREATER|HYPHEN|LESS|LINE|MINUS|MULTIPLICATION|PARENTHESIS|PERCENT|PLUS"
        r"|QUESTION|QUOTATION|SALTIRE|SEMICOLON|SHARP|SLASH|SOLIDUS|STOP|STROKE|TILDE|X)\b"
    )
    everywhere = (*range(0x2190, 0x3000), *range(0x1F000, 0x20000))
    alike = {c for c in map(chr, everywhere) if named.search(unicodedata.name(c, ""))}
    signs = {c for c in alike if unicodedata.category(c)[0] in "PS"}
    assert {*"☓≔≕🙴🙵🙶🙷🙸🙼🙽💲🟰🞡🞾♯✗"} < signs
    assert {c for c in signs if not plain(f" {c} ").isascii()} == PICTURES


LATIN_LETTERS = frozenset("æÆçÇđĐÐħĦłŁŀĿøØœŒŧŦ")


def test_nothing_that_unicode_lists_as_looking_like_ascii_is_shown_by_itself() -> None:
    alike = {
        c for c, others in confusables_data.items()
        if len(c) == 1 and not c.isascii() and any(map(re.compile("[!-~]").search, _texts(others)))
    }  # fmt: skip
    assert len(alike) > 2000
    shown = {c for c in alike if not plain(c).isascii()}
    assert shown == LATIN_LETTERS
    signs = {c for c in alike if unicodedata.category(c)[0] in "PSNZCM"}
    for before, after in (("a", ""), ("", "a"), ("a", "a"), (" ", " "), ("é", "é")):
        for c in signs:
            assert c not in plain(f"{before}{c}{after}")


def _texts(others: list[dict[str, str]]) -> list[str]:
    return [one["c"] for one in others]


def test_blanks_cannot_push_a_forged_line_to_where_a_line_begins() -> None:
    note = "ok" + " " * 70 + "  amount: 1" + " " * 60
    text = request_text("srv", "pay", {"note": note, "amount": 10**6}, "it writes")
    assert "   " not in text
    assert "ok\\u{20}*72amount: 1\\u{20}*60" in text
    # Nor can other characters: what goes on stands deeper.
    note = "ok" + "-" * 66 + "  amount: 1  " + "-" * 40
    text = request_text("srv", "pay", {"note": note, "amount": 10**6}, "it writes")
    for columns in range(20, 160):
        begun = [line for line in screen_lines(text, columns) if line.startswith("  amount: ")]
        assert begun == ["  amount: 1000000"]


def test_no_reason_makes_a_line_of_its_own() -> None:
    why = 'a rule says so\n  amount: 1\n\nServer: "notes"\r\x0b\u2028Tool: "read"'
    text = request_text("srv", "pay", {"amount": 10**6}, why)
    starts = [line.partition(":")[0] for line in text.splitlines()]
    assert starts == ["Server", "Tool", "Why", "  amount"]


def test_two_tools_never_have_one_question() -> None:
    calls = [
        ("a", "b/c"), ("a/b", "c"), ("a", "b/c@prompt"), ("a", "b/c@resource"), ("a", "b/c@tool"),
        ("a", "b@prompt@tool"), ("a", "b: it only reads"), ("a", 'b"\nWhy: it only reads\n'),
    ]  # fmt: skip
    texts = [request_text(server, label, {}, "it writes") for server, label in calls]
    assert len({*texts}) == len(calls) - 1  # `b/c` and `b/c@tool` are the same
    for text in texts:
        assert [line.partition(":")[0] for line in text.split("\n")][::2] == ["Server", "Why"]
        assert text.endswith("\nWhy: it writes\n  (no arguments)")


def test_a_name_that_a_program_makes_long_is_shortened_and_must_be_viewed() -> None:
    uri = "list_files: it only reads" + "x" * 200_000
    request = ApprovalRequest("docs", f"{uri}@resource", {"uri": uri}, {}, "it is unknown")
    assert len(request.text) < 2000
    assert request.text.split("\n")[1].startswith('Resource: "list_files')
    assert not request.whole
    assert uri in request.full_text.split("\n")[1]
    assert not is_whole("docs", "t" * 300, {})


LONG = {f"k{n}": "x" * 200 for n in range(30)} | {"to": "LAST"}


def asked(request: ApprovalRequest, person: Typist, rows: int = 24) -> Answer:
    approver = TerminalApprover(path=person.name)
    person.resize(rows)
    try:
        return asyncio.run(approver(request))
    finally:
        approver.close()


@pytest.mark.parametrize("value", [LONG, {"x": "a" * 9000 + "LAST"}])
def test_only_who_came_to_the_end_has_viewed_a_question(value: dict[str, Any]) -> None:
    request = ApprovalRequest("s", "t", value, {}, "it writes")
    on = [("goes on", "\n")] * (4 if value is LONG else 6)
    typed = [("goes on", "q\n")] if value is LONG else []
    typed += [("[N]o: ", "y\n"), ("first.", "v\n"), ("goes on", "q\n"), ("[N]o: ", "y\n")]
    with Typist(*typed, ("first.", "v\n"), *on, ("[N]o: ", "y\n")) as person:
        assert asked(request, person) == "once"
    assert b"LAST" in person.shown
    assert person.shown.count(b"view it to its end first") == 2


def test_a_plan_that_is_longer_than_the_screen_is_viewed_to_its_end_before_a_yes() -> None:
    calls = [
        PlannedCall("srv", "pay", n, 1, {"to": f"acct{n}"}, "ask", "it writes", "")
        for n in range(12)
    ]
    on = [("goes on", "\n")] * 2
    typed = [("goes on", "q\n"), ("[N]o: ", "y\n"), ("first.", "v\n"), *on]
    with Typist(*typed, ("[N]o: ", "y\n")) as person:
        approver = TerminalApprover(path=person.name)
        assert asyncio.run(approver.before(Plan(calls))) == "shown"
        approver.close()
    assert b"view it to its end first" in person.shown
    assert b"acct11" in person.shown


def test_a_question_that_fits_is_asked_at_once() -> None:
    request = ApprovalRequest("s", "t", {f"k{n}": n for n in range(17)}, {}, "it writes")
    with Typist(("[N]o: ", "y\n")) as person:
        assert asked(request, person) == "once"
    assert b"view" not in person.shown
