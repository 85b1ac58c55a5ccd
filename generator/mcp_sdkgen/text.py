"""Foreign text made safe: the only place where it becomes Python, Markdown or terminal output.

Everything here takes text that a hostile server may have written, with quotes, backslashes, NUL,
terminal escapes, bidirectional overrides and lone surrogates, and gives text that can do no more
than be read.
"""

from __future__ import annotations

import inspect
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from mcp_sdkgen_runtime.text import INVISIBLE
from mcp_sdkgen_runtime.text import fenced as code_block

from .escaped import Code, Prose

_SENTENCE = re.compile(
    r"(?<=[.!?。！？])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)\s+(?=[^\sa-z])"  # noqa: RUF001
    r"|\n\s*\n|\n(?=\s*[-*#>|])"
)
_BOLD = re.compile(r"\A\*\*([^*\n]+)\*\*")
_TAG = re.compile(r"<[A-Za-z][\w -]{0,30}> *\n")
_CAUTION = re.compile(
    r"\W{0,4}(?:SECURITY|WARNING|CAUTION|IMPORTANT|NOTE|NOTICE|DISCLAIMER)\b\W{0,4}:"
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_ITEM = re.compile(r"\s*(?:[-*•]|\d+[.)]|\w+:)\s+|\s*")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*+\n){2,}")
_BLOCK = re.compile(r"^(?:(?P<number>\d{1,9})(?=[.)](?:\s|$))|(?=[-+](?:\s|$)))")
_AUTOLINK = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"^([ \t]*)#(?=[ \t]*(?:mypy|type|pyright|pylint|ruff|flake8|noqa|isort|fmt|yapf|nosec)\b)",
    re.IGNORECASE | re.MULTILINE,
)
"""Comments that tools obey in a line of text too: mypy reads `# mypy:` without parsing Python."""
_CLOSING_QUOTES = re.compile(r'\A"|"{3,}|"\Z')


WIDTH = 96
"""Characters in a line of wrapped prose."""


def clean(text: str) -> str:
    """`text` with line ends made `\\n`, tabs made spaces, and every character that is invisible or
    commands a terminal written out as an escape, so that nothing is hidden and nothing is lost."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return INVISIBLE.sub(_visible, text)


def one_line(text: str, limit: int = 0) -> str:
    """`clean` text on a single line, shortened to `limit` characters if that is not 0."""
    line = " ".join(clean(text).split())
    return line if not limit or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def first_sentence(text: str, limit: int = 160) -> str:
    """The first sentence of `text` that says what it is about, on one line of at most `limit`
    characters. A tag and a paragraph of warnings at the beginning are passed over."""
    return one_line(summary_and_rest(text)[0], limit)


def summary_and_rest(text: str) -> tuple[str, str]:
    """The first sentence of `text` that says what it is about, on one line, and all the rest.

    A tag at the beginning is dropped; a paragraph of warnings there goes to the rest.
    """
    cleaned = clean(text).strip()
    head, _, rest = cleaned.partition("\n\n")
    warnings = ""
    if _CAUTION.match(head) and any(map(str.isalnum, rest)):
        warnings, cleaned = head, rest.strip()
    cleaned = _BOLD.sub(r"\1", cleaned, count=1).lstrip("#*- \n")
    if tag := _TAG.match(cleaned):
        cleaned = cleaned[tag.end() :].strip()
    found = _SENTENCE.search(cleaned)
    if found is None:
        return one_line(cleaned), warnings
    rest = cleaned[found.end() :].strip("\n")
    return one_line(cleaned[: found.start()]), "\n\n".join(filter(None, [warnings, rest]))


def sentence_of(text: str) -> str:
    """`text` with a full stop at its end, where it is a sentence without one."""
    ends = text[-1:].isalnum() or text[-1:] in ("`", ")", "]", '"', "'")
    # Scripts from here on have stops of their own, or none.
    return f"{text}." if ends and " " in text and text[-1] < "\u2e80" else text


def first_paragraphs(text: str, limit: int) -> str:
    """As many whole paragraphs of `text` as fit in `limit` characters; of a first one that is too
    long its first lines, or as much of its first sentence as fits."""
    cleaned = clean(text).strip()
    return (
        "\n\n".join(_fitting(re.split(r"\n\s*\n", cleaned), limit))
        or "\n".join(_fitting(cleaned.split("\n"), limit))
        or first_sentence(text, limit)
    )


def _fitting(parts: Sequence[str], limit: int) -> list[str]:
    totals = accumulate(map(len, parts))
    return [part for part, total in zip(parts, totals, strict=True) if total <= limit]


def terminal(text: str) -> str:
    """`text` for a terminal: one line that is safe to print, so that no other can be forged."""
    return clean(text).replace("\n", "\\n")


# ── Python ────────────────────────────────────────────────────────────────────────────────────────


def identifier(name: str) -> Code:
    """`name` as Python source. Raises `ValueError` if it is not an identifier."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"not an identifier: {name!r}")
    return Code(name)


def literal(value: Any) -> Code:
    """A JSON value as a Python literal in printable text.

    Raises `TypeError` for anything that JSON does not have.
    """
    match value:
        case None | bool() | int():
            return Code(repr(value))
        case float():
            if value != value or value in (float("inf"), float("-inf")):
                raise TypeError("JSON has no NaN and no infinity")
            return Code(repr(value))
        case str():
            # black's choice: the quote that needs fewer escapes, and the double one in doubt.
            quote = "'" if value.count("'") < value.count('"') else '"'
            return Code(quote + "".join(_escaped(char, quote) for char in value) + quote)
        case list() | tuple():
            return Code(f"[{', '.join(map(literal, value))}]")
        case dict():
            items = (f"{literal(str(k))}: {literal(v)}" for k, v in value.items())
            return Code(f"{{{', '.join(items)}}}")
    raise TypeError(f"not a JSON value: {type(value).__name__}")


def docstring(text: str, indent: int = 4) -> Code:
    """`text` as a whole docstring, quotes included; empty text gives no source at all.

    Lines after the first are indented by `indent` spaces, as the code around them is.
    """
    prose = _BLANK_LINES.sub("\n\n", inspect.cleandoc(clean(text).strip()))
    lines = [_wrapped(line, WIDTH - indent) for line in prose.split("\n")]
    # Again, for where only a first line was broken and the rest hangs below it.
    cleaned = inspect.cleandoc("\n".join(lines))
    if not cleaned:
        return Code("")
    body = cleaned.replace("\\", "\\\\")
    body = _CLOSING_QUOTES.sub(lambda match: '\\"' * len(match[0]), body)
    body = _DIRECTIVE.sub(r"\1\\x23", body)
    margin = " " * indent
    lines = body.split("\n")
    rest = "".join(f"\n{margin}{line}" if line else "\n" for line in lines[1:])
    # The space is black's, where a quote would touch the closing ones.
    end = f"\n{margin}" if rest else " " if body.endswith('"') else ""
    return Code(f'"""{lines[0]}{rest}{end}"""')


# ── Markdown ──────────────────────────────────────────────────────────────────────────────────────


def markdown(text: str) -> Prose:
    """`text` as inline Markdown that shows itself: no markup, no link, no HTML, no table border."""
    escaped = _AUTOLINK.sub(r"\\\g<0>", _MARKDOWN.sub(r"\\\1", one_line(text)))
    return Prose(_BLOCK.sub(lambda match: f"{match['number'] or ''}\\", escaped))


def code_span(text: str) -> Prose:
    """`text` as a Markdown code span that is safe inside a table."""
    line = one_line(text)
    if "\\|" in line:
        # Renderers disagree on which of the two escapes the other.
        return markdown(line)
    line = line.replace("|", "\\|")
    ticks = max((len(run) for run in re.findall("`+", line)), default=0) + 1
    pad = " " if ticks > 1 else ""
    return Prose(f"{'`' * ticks}{pad}{line}{pad}{'`' * ticks}" if line else "")


def fenced(text: str, language: str = "text") -> Prose:
    """`text` as a Markdown code block that nothing inside can close."""
    return Prose(code_block(clean(text).strip("\n"), language))


def _wrapped(line: str, width: int) -> str:
    """One line of prose, broken where it is too long; what follows an item or an indent hangs."""
    line = line.rstrip()
    if len(line) <= width or "|" in line:
        return line
    start = _ITEM.match(line)
    hangs = line[0] == " " or bool(start and start[0].strip())
    indent = " " * (len(line) - len(line.lstrip()) + (4 if hangs else 0))
    # A very long word, such as a URL, is kept whole.
    return "\n".join(
        textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    )


def _visible(match: re.Match[str]) -> str:
    return _escaped(match[0])


def _escaped(char: str, quote: str = '"') -> str:
    if char in (quote, "\\"):
        return f"\\{char}"
    if char == "\n":
        return "\\n"
    if char == "\t":
        return "\\t"
    point = ord(char)
    if 0x20 <= point < 0x7F:
        return char
    if char.isprintable() and not INVISIBLE.match(char) and unicodedata.category(char) != "Co":
        return char
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
