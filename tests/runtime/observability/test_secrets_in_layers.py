"""A secret is found however it is escaped, and where one escape stands within another."""

from __future__ import annotations

import csv
import html
import io
import json
import random
import re
import shlex
import tracemalloc
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from quopri import encodestring
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from mcp_sdkgen_runtime.content.answer import read_safely
from mcp_sdkgen_runtime.observability.redaction import Redaction
from mcp_sdkgen_runtime.observability.secret_set import SecretSet

SECRETS = (
    "s3cr3t-value-0001",
    'p@ss/wo"rd & <caf\u00e9> k\\x1 ends==',
    "t'is 100%41 \U0001f600 $x;y|z'",
    "\u65e5\u672c\u8a9e-\u00df\u00e9 new\\nline&amp;lt\\",
    'two\nlines "of" key%',
)
"""With signs, letters and ends that each of the escapes spells in another way."""


def _dollar_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return "".join(
        one if one.isascii() else "".join(f"\\{byte:03o}" for byte in one.encode())
        for one in escaped
    )


def _printf_q(text: str) -> str:
    if "\n" in text:
        return f"$'{_dollar_quoted(text)}'"
    return re.sub(r"([^\w@%+=:,./-])", r"\\\1", text, flags=re.ASCII)


def _of_go(text: str) -> str:
    data = json.dumps(text, ensure_ascii=False)
    return data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _of_csv(text: str) -> str:
    table = io.StringIO()
    csv.writer(table).writerow(["a", text, "b"])
    return table.getvalue()


def _of_javascript(text: str) -> str:
    wide = text.encode("utf-16-be")
    units = [int.from_bytes(wide[at : at + 2]) for at in range(0, len(wide), 2)]
    return "".join(
        chr(unit)
        if chr(unit).isascii() and chr(unit).isalnum()
        else (f"%{unit:02X}" if unit < 256 else f"%u{unit:04X}")
        for unit in units
    )


def _in_braces(text: str) -> str:
    return "".join(one if one.isascii() else f"\\u{{{ord(one):x}}}" for one in json.dumps(text))


ESCAPES: dict[str, Callable[[str], str]] = {
    "JSON": json.dumps,
    "JSON with all characters": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON of Go": _of_go,
    "JSON of PHP": lambda text: json.dumps(text).replace("/", "\\/"),
    "braces of Rust": _in_braces,
    "repr": repr,
    "ascii": ascii,
    "repr of bytes": lambda text: repr(text.encode()),
    "HTML": html.escape,
    "HTML, numbers": lambda text: escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "HTML without semicolons": lambda text: (
        text.replace("&", "&amp").replace("<", "&lt").replace('"', "&quot")
    ),
    "attribute of XML": quoteattr,
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "form": quote_plus,
    "escape of JavaScript": _of_javascript,
    "shell": shlex.quote,
    "printf %q": _printf_q,
    "$'...' of a shell": _dollar_quoted,
    "CSV": _of_csv,
    "SQL and YAML": lambda text: "'" + text.replace("'", "''") + "'",
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: "\n".join(
        re.findall(".{1,76}", b64encode(text.encode()).decode())
    ),
    "base64 of UTF-16": lambda text: b64encode(text.encode("utf-16-le")).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
}


@pytest.mark.parametrize("outer", ESCAPES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_found_in_each_escape_within_each(secret: str, outer: str) -> None:
    words = SecretSet([secret])
    missed = [
        inner
        for inner, spell in ESCAPES.items()
        if "[redacted]" not in words.text(f"it said: {ESCAPES[outer](spell(secret))} ...")
    ]
    assert missed == []


def test_a_secret_is_found_in_three_escapes_one_within_another() -> None:
    chosen = random.Random(1)
    missed = []
    for secret in SECRETS:
        words = SecretSet([secret])
        for _ in range(400):
            names = chosen.choices(list(ESCAPES), k=3)
            spelled = secret
            for name in names:
                spelled = ESCAPES[name](spelled)
            if "[redacted]" not in words.text(f"it said: {spelled} ..."):
                missed.append((secret, names))
    assert missed == []


def test_only_the_secret_is_taken_out_of_what_is_escaped() -> None:
    words = SecretSet(["p\u00e4ss&word-1"])
    data = json.dumps({"a": "<b>", "password": "p\u00e4ss&word-1", "c": 'd "e"'})
    page = html.escape(data)
    assert words.text(page) == page.replace("p\\u00e4ss&amp;word-1", "[redacted]")
    assert words.text(quote(page)) == quote(page).replace(
        quote("p\\u00e4ss&amp;word-1"), "[redacted]"
    )


def test_of_base64_in_which_a_secret_is_escaped_nothing_is_left() -> None:
    encoded = b64encode(json.dumps({"key": "p\u00e4ss&word-1"}).encode()).decode()
    assert SecretSet(["p\u00e4ss&word-1"]).text(f"got {encoded} back") == "got [redacted] back"


WORDS = (
    "She said \"\"no\"\", it's ''fine'': C:\\new\\table\\users & 50% of %PATH% at 100%, R&D &c.",
    "https://host/a%20b?x=1&amp;lt=2&copy=3#%F0%9F%98%80 ",
    "\\u0041 \\x41 \\303\\251 \\xc3\\xa9 &#65; &#x41 &lt",
    b64encode(b"The quick brown fox jumps over the lazy dog, and on it goes.").decode(),
    b"The quick brown fox jumps over the lazy dog".hex(),
    "internationalization/of/longish-paths_and_names/deadbeefdeadbeefdeadbeef",
    "+---+\n| a | b |\n+---+\n\u2502 c \u2502\n# secret of a value\n * token of a string\n> word\n",
    "s3cr3t-was-0002 s3cr3t value 0001x p@ss/wo two lines key% \u65e5\u672c\u8a9e",
)


@pytest.mark.parametrize("text", WORDS)
def test_what_is_escaped_and_no_secret_stays_as_it_is(text: str) -> None:
    words = SecretSet([*SECRETS, "4711", "abcd", "quic"])
    spells: list[Callable[[str], str]] = [str, *ESCAPES.values()]
    for spell in spells:
        spelled = spell(text)
        assert words.text(spelled) == spelled


@pytest.mark.parametrize(
    "unit", ["\\n", "a\n", "&amp;", "%61", "\\xc3\\xa9", "\\u0026#37;41", '""', "=\n", "a\\\n"]
)
def test_a_text_of_nothing_but_escapes_takes_little_memory(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    words = SecretSet([*SECRETS, "4711"])
    tracemalloc.start()
    try:
        words.text(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * len(text)


def test_what_is_spelled_in_many_more_than_eight_layers_is_not_found() -> None:
    secret = "p\u00e4ss&word-1"
    words = SecretSet([secret])

    def nested(layers: int) -> str:
        spelled = secret
        for layer in range(layers):
            spelled = b64encode(spelled.encode()).decode() if layer % 2 else quote(spelled)
        return spelled

    assert words.text(nested(8)).rstrip("=") == "[redacted]"
    assert words.text(nested(20)) == nested(20)


@pytest.mark.parametrize(
    "text",
    [
        b32encode(SECRETS[0].encode()).decode(),
        encodestring(SECRETS[1].encode(), quotetabs=True).decode(),
        "00000000: 7333 6372 3374 2d76 616c 7565 2d30 3030  s3cr3t-value-000\n00000010: 310a  1.",
        "12 s3cr3t-va\n13 lue-0001",
        "x/" + b64encode(json.dumps(SECRETS[1]).encode()).decode(),
        "\n".join(re.findall(".{1,40}", b64encode(json.dumps(SECRETS[1]).encode()).decode())),
        b64encode(b"4711").decode(),
    ],
)
def test_what_is_not_found_is_said(text: str) -> None:
    """If one of these is found one day, docs/security.md must not say any more that it is not."""
    assert SecretSet([*SECRETS, "4711"]).text(text) == text


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "\t",
        "\\",
        "%",
        "&",
        "\r",
        " \n",
        "\\n",
        "%25",
        "&amp;",
        "%61",
        "\\u0061",
        "73 ",
        "0x",
        ">",
        '"',
        "'",
        "'\"'\"'",
        "\\xc3\\",
        "\\303\\\\",
        "%uD83D",
        "&#38;#38;",
        "a" * 76 + "\n",
        "internationalization/ ",
        "=\n",
        "\\\n",
        "\u2502 \n",
        "\x1b[",
    ],
)  # fmt: skip
def test_a_long_text_of_one_spelling_is_read_in_one_pass(unit: str) -> None:
    """A pattern that reads places twice would take hours."""
    text = unit * (200_000 // len(unit)) + "x\n"
    assert SecretSet([SECRETS[1], "1234"]).text(text) == text
    assert Redaction().text(text) == text


def test_other_ways_to_spell_a_secret_do_not_hide_it() -> None:
    secret = "s3cr3t-value-0001"
    for spelled in (
        "".join(f"\\U{ord(one):08x}" for one in secret),
        "".join(f"\\u{{{ord(one):x}}}" for one in secret),
        "".join(f"\\{ord(one):03o}" for one in secret),
        secret.replace("-", "\\-"),
        secret.replace("-", "&#x2d;").replace("s3", "&#115;3"),
        "\u200b".join(secret),
        "s3cr3t-\x1b[31mvalue\x1b[0m-0001",
        "> s3cr3t-va\n> lue-0001",
        "| s3cr3t-va\r\n| lue-0001",
        "\u2502 s3cr3t-va   \u2502\n\u2502 lue-0001    \u2502",
        "\u256d\u2500\u256e\n\u2503s3cr3t-va\u2503\n\u2503lue-0001\u2503",
        "# s3cr3t-va\n# lue-0001",
        " * s3cr3t-va\n * lue-0001",
        "s3cr3t-va=\nlue-0001",
        "s3cr3t-va\\\nlue-0001",
        "\0".join(secret),
    ):
        left = SecretSet([secret]).text(f"it is {spelled}, they say")
        assert "[redacted]" in left and left.endswith(", they say"), spelled


def test_what_stands_beside_a_secret_does_not_hide_it() -> None:
    for secret, text in (
        ("tiger-secret-9", r"ACME\tiger-secret-9"),
        ("nightly-key-1234", r"C:\keys\nightly-key-1234"),
        ("3fa9c0ffee112233", "50%3fa9c0ffee112233"),
        ("lt;secret-key-1", "&lt;secret-key-1"),
        ("secret-key-1%", "secret-key-1%41"),
        ("4711", r"pin \4711."),
        ("SECRET-\u03a3", "\u0130 secret-\u03c3x"),
        ("bad-\udcff-value", "it is bad-\udcff-value"),
    ):
        assert "[redacted]" in SecretSet([secret]).text(text), text


def test_a_secret_is_found_as_a_number_and_in_what_is_too_short_for_an_image() -> None:
    words = SecretSet(["4815162342", "hunter2hunter2"])
    encoded = b64encode(b"it is hunter2hunter2").decode()
    said = {"pin": 4815162342, "audio": {"mimeType": "audio/wav", "data": encoded}}
    cleaned = words.cleaned([said])[0]
    assert cleaned["pin"] == 0
    assert encoded[-12:] not in cleaned["audio"]["data"]
    assert Redaction().knowing(words).cleaned([said]) == [cleaned]
    image = {"mimeType": "image/png", "data": "hunter2hunter2" + "A" * 5000}
    assert words.cleaned(image) == image
    assert words.cleaned([8080, 4815162343, True]) == [8080, 4815162343, True]


def test_an_answer_that_breaks_the_protocol_is_told_without_secrets() -> None:
    words = SecretSet(["hunter2hunter2"])
    found = read_safely({"resultType": "hunter2hunter2", "content": []}, words)
    assert found.fault
    assert "hunter2" not in f"{found.fault}{found.answer}"
    plain = {"content": [{"type": "text", "text": "hunter2hunter2"}]}
    assert read_safely(plain, words).text == "hunter2hunter2"  # data
