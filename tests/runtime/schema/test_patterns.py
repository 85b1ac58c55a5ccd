"""Patterns are matched as JavaScript does, by both engines: V8 is asked."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from mcp_sdkgen_runtime.schema.ecma_patterns import UnreadablePatternError, translated
from mcp_sdkgen_runtime.schema.patterns import is_linear, matches
from mcp_sdkgen_runtime.schema.validation import compiled

from tests.patience import HANG_S

CORPUS = Path(__file__).parents[2] / "corpus"
TEXTS = [
    "", "a", "A", "5", "٣", "a-b", "a.b", "[x]", "a b", "a\u00a0b", "\n", "é", "a\nb", "abc123",
    "foo_bar", "\u2028", "{", "}", "]", "-", "^", "\\", "/", "https://x.y/z", "2020-01-01", "a@b.c",
    "\x00", "\x08", "\u212a", "12:34", "~", "#fff", "user/repo", "+1234567", "::1", "v1.2.3-rc.1",
]  # fmt: skip
ODD = [
    r"^[\w-.]+$", r"[[]", r"^[a-z&&[^b]]$", r"^\p{L}+$", r"^[^\p{Cc}]+$", r"a{2", r"{a}", r"x{,3}",
    r"]", r"[\d-x]", r"[a-\d]", r"[\D]", r"[^\D]", r"[\s\S]", r"[^\S]", r"\cA", r"\u0041",
    r"[\ud83d\ude00]", r"\/", r"\-", r"[\b]", r"[^]", r"[]", r"^(?=.*\d).{2,}$", r"(a|b)\1", r"^.$",
    r"^[+_\-=[\]{}|;:,.<>?~`]*$", r"[--/]", r"[\w--]", r"(?<year>\d{4})", r"[a~~b]", r"\W\w", r"\_",
]  # fmt: skip
V8 = """
const [patterns, texts] = JSON.parse(require("fs").readFileSync(0));
const compiled = p => { for (const f of ["u", ""]) try { return new RegExp(p, f) } catch {} };
const answers = patterns.map(p => texts.map(t => compiled(p)?.test(t) ?? null));
console.log(JSON.stringify(answers));
"""


def _of_the_corpus() -> Iterator[str]:
    todo: list[Any] = [json.loads(path.read_text()) for path in CORPUS.glob("*.json")]
    while todo:
        here = todo.pop()
        if isinstance(here, dict):
            if isinstance(here.get("pattern"), str):
                yield here["pattern"]
            todo += here.values()
        elif isinstance(here, list):
            todo += here


def _drawn(number: int) -> Iterator[str]:
    draw = random.Random(number)
    outside = [
        *"ab9_-.,:/@# ",
        r"\d",
        r"\w",
        r"\s",
        r"\D",
        r"\W",
        r"\S",
        r"\.",
        r"\-",
        ".",
        "(?:a|b)",
    ]
    inside = [
        *"ab9_.,:/@#[&~|{}()*+?$ ",
        r"\d",
        r"\w",
        r"\s",
        r"\D",
        r"\-",
        r"\]",
        "a-z",
        "-",
        "&&",
    ]
    for _ in range(number):
        parts = []
        for _ in range(draw.randint(1, 4)):
            members = "".join(draw.choice(inside) for _ in range(draw.randint(0, 4)))
            a_class = f"[{draw.choice(['', '^'])}{members}]"
            parts.append(draw.choice([a_class, draw.choice(outside)]))
            parts.append(draw.choice(["", "", "*", "+", "?", "{2}", "{1,}", "{,2}"]))
        yield f"^{''.join(parts)}$"


def test_both_engines_match_what_v8_matches() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js to ask")
    patterns = sorted({*_of_the_corpus(), *ODD, *_drawn(1500)})
    asked = subprocess.run(
        [node, "-e", V8], input=json.dumps([patterns, TEXTS]), capture_output=True, text=True,
        check=True, timeout=HANG_S,
    )  # fmt: skip
    wrong = []
    for pattern, answers in zip(patterns, json.loads(asked.stdout), strict=True):
        if None in answers:
            continue
        fast = jsonschema_rs.validator_for({"pattern": translated(pattern)})
        wrong += [
            (pattern, text)
            for text, answer in zip(TEXTS, answers, strict=True)
            if fast.is_valid(text) != answer or _linear(pattern, text) not in (answer, None)
        ]
    assert wrong == []


def _linear(pattern: str, text: str) -> bool | None:
    """What the other engine says; None where it reads no such pattern."""
    return matches(translated(pattern), text)


@pytest.mark.parametrize("pattern", ["[", "[a", "\\", "[\\", r"\u{110000}", r"[\1]", r"\ud800"])
def test_what_nobody_can_read_is_said_to_be_so(pattern: str) -> None:
    with pytest.raises(UnreadablePatternError):
        translated(pattern)


def test_pythons_own_syntax_is_kept() -> None:
    check = compiled({"pattern": r"\A(?P<word>(?i:ab))\Z"})
    assert check is not None
    assert check("aB") is None
    assert check("aBc") is not None


def test_look_around_is_checked_where_an_engine_knows_it() -> None:
    pattern = r"^(?=.*\d).{2,}$"
    assert not is_linear(translated(pattern))
    check = compiled({"pattern": pattern})
    assert check is not None
    assert check("ab") is not None
    assert check("a1") is None
