"""Configuration files as data: JSON, JSON with comments, TOML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..files import read_named
from .display import shown_path

MAX_BYTES = 16 * 1024 * 1024
MAX_TOML_BYTES = 256 * 1024
"""TOML is written by hand, while JSON may hold other programs' data."""
MAX_KEY_PARTS = 50
"""As many parts a dotted key of TOML may have: to read one takes the square of them."""

_LONG_KEY = re.compile(
    r"""(?<![\w\\-])(?:(?:[\w-]++|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"|'[^'\n]*+')[ \t]*+\.[ \t]*+)"""
    f"{{{MAX_KEY_PARTS}}}",
    re.ASCII,
)
# What is not closed goes on to the end: else its end would be looked for from each quote on.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*"?'
_COMMENT = re.compile(rf"({_STRING}|/\*(?!.*?\*/).*+)|//[^\n]*+|/\*.*?\*/", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*+[}}\]])", re.DOTALL)


def read(path: Path) -> Any:
    """The data of a `.toml`, or else JSON or JSONC file. Raises `ConfigurationError`."""
    return data_of(content_of(path), path)


def content_of(path: Path) -> bytes:
    """What is in a file, of at most `MAX_BYTES`. Raises `ConfigurationError`, also where another
    user's link leads to it."""
    shown = shown_path(path)
    try:
        raw = read_named(path, MAX_BYTES + 1)  # what its size says does not hold for a device
    except OSError as error:
        raise ConfigurationError(
            f"{shown}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from None
    return within_limit(raw, path)


def within_limit(raw: bytes, path: Path) -> bytes:
    """The same. Raises `ConfigurationError` for more than `MAX_BYTES`, of TOML `MAX_TOML_BYTES`."""
    most = MAX_TOML_BYTES if path.suffix == ".toml" else MAX_BYTES
    if len(raw) > most:
        raise ConfigurationError(
            f"{shown_path(path)}: larger than {most} bytes", hint="name a smaller file"
        )
    return raw


def data_of(content: bytes, path: Path) -> Any:
    """The data of the content of a file. Raises `ConfigurationError`."""
    shown = shown_path(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{shown}: not UTF-8 text (byte {error.start})", hint="save the file as UTF-8"
        ) from None
    return parse(text, path)


def parse(text: str, path: Path) -> Any:
    """The data of the text of a file. Raises `ConfigurationError`."""
    shown = shown_path(path)
    try:
        return _toml(text, shown) if path.suffix == ".toml" else _json(text, shown)
    except RecursionError:
        raise ConfigurationError(f"{shown}: nested too deep", hint="simplify the file") from None


def without_comments(text: str) -> str:
    """JSON with comments and trailing commas as plain JSON.

    Spaces take their place, so that errors name the right line and column.
    """
    text = _COMMENT.sub(lambda match: match[1] or re.sub(r"[^\n]", " ", match[0]), text)
    return _TRAILING_COMMA.sub(lambda match: match[1] or " ", text)


def _toml(text: str, shown: str) -> Any:
    # Deferred, as most files are JSON.
    import tomllib

    if len(text) > MAX_TOML_BYTES:
        raise ConfigurationError(f"{shown}: larger than {MAX_TOML_BYTES} bytes", hint="shorten it")
    if found := _LONG_KEY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigurationError(
            f"{shown}: a key of more than {MAX_KEY_PARTS} parts (line {line})",
            hint="write a key of fewer parts",
        )
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{shown}: not TOML: {error}", hint="correct that line") from None
    except ValueError:  # Python reads no integer of thousands of digits.
        raise _large_integer(shown) from None
    if _has_large_integer(data):
        raise _large_integer(shown)
    return data


def _large_integer(shown: str) -> ConfigurationError:
    return ConfigurationError(
        f"{shown}: not TOML: an integer of more than 64 bits", hint="write it as a text"
    )


def _has_large_integer(data: Any) -> bool:
    """Whether an integer is beyond the 64 bits, with a sign, that TOML asks for."""
    todo = [data]
    while todo:
        here = todo.pop()
        if isinstance(here, int) and not -(2**63) <= here < 2**63:
            return True
        if isinstance(here, dict):
            todo += here.values()
        elif isinstance(here, list):
            todo += here
    return False


def _json(text: str, shown: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(without_comments(text))
    except ValueError as error:
        raise ConfigurationError(
            f"{shown}: not JSON: {error}",
            hint="correct that place; comments and trailing commas are allowed",
        ) from None
