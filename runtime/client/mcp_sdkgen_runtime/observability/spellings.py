"""The ways in which a server may repeat a value: encoded, escaped, or broken over lines."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import Final
from urllib.parse import unquote

_MIN_ANY_CASE_CHARACTERS: Final = 8
_MIN_ENCODED_BYTES: Final = 8
_MIN_BROKEN_CHARACTERS: Final = 16
_BREAK: Final = r"[ \t]*(?:(?:\r|\\+r)?(?:\n|\\+n)|\r)[ \t]*"
"""The end of a line within a text, as it is or escaped."""
_ANY_BREAK = re.compile(_BREAK)
_RUN = re.compile(r"[A-Za-z0-9]+")


def forms(value: str) -> set[str]:
    """A value line by line, without quoting for a URL, and in base64 or hexadecimal, alone or
    within more. How a `Finder` spells characters is not among them."""
    found: set[str] = set()
    for line in {value, *value.splitlines()}:
        for plain in {line.strip(), unquote(line.strip())}:
            found |= {plain, *_encoded(plain)}
    # A variable that is not replaced yet is no value.
    return {form for form in found if form and "${" not in form}


def _encoded(plain: str) -> Iterator[str]:
    data = plain.encode(errors="replace")
    if len(data) < _MIN_ENCODED_BYTES:
        return
    yield data.hex()
    for before in range(3):
        # Of what surrounds it in a longer text, the first and the last characters are not its own.
        whole = b64encode(bytes(before) + data).decode().rstrip("=")
        ours = whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        yield from {ours, ours.replace("+", "-").replace("/", "_")}


class Finder:
    """Finds texts, also where they are quoted for a URL, escaped in JSON, HTML or a `repr`, and,
    where they are long enough to tell, in other case and broken over lines. The longest first."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        longest_first = sorted(set(texts), key=lambda text: (-len(text), text))
        # A large text is searched for what no spelling changes, before any pattern is tried.
        self._texts = [(_unchanged(text), text) for text in longest_first]

    def replaced(self, text: str, replacement: str) -> tuple[str, int]:
        """`text` with each of them replaced, and how many were."""
        plain = text.lower()
        if "\n" in plain or "\r" in plain or "\\n" in plain:
            plain += _ANY_BREAK.sub("", plain)
        found = tuple(one for unchanged, one in self._texts if unchanged in plain)
        return _pattern(found).subn(replacement, text) if found else (text, 0)


def _unchanged(text: str) -> str:
    return max(_RUN.findall(text), key=len, default="").lower()


@lru_cache(maxsize=256)
def _pattern(texts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_spellings, texts)))


def _spellings(text: str) -> str:
    between = f"(?:{_BREAK})?" if len(text) >= _MIN_BROKEN_CHARACTERS else ""
    found = between.join(map(_spelling, text))
    return f"(?i:{found})" if len(text) >= _MIN_ANY_CASE_CHARACTERS else found


@lru_cache(maxsize=1024)
def _spelling(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    code = ord(character)
    units = character.encode("utf-16-be", "surrogatepass").hex()
    spelled = [
        re.escape(character),
        re.escape(escape(character)),
        "".join(f"%(?:25)*(?i:{byte:02x})" for byte in character.encode(errors="surrogatepass")),
        "".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)),
        f"&#0*{code};|&#[xX]0*(?i:{code:x});",
    ]
    if code < 256:
        spelled.append(rf"\\+x(?i:{code:02x})")
    if character in "\\\"'/":
        spelled.append(rf"\\+{re.escape(character)}")
    if character == " ":
        spelled.append(r"\+")
    # Backslashes and `25` may be many, where JSON stands in JSON, or a URL in a URL.
    # The longest first: else the rest of an escape would be taken for what comes next.
    longest_first = sorted(dict.fromkeys(spelled), key=len, reverse=True)
    return f"(?:{'|'.join(longest_first)})"
