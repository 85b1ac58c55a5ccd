"""Configuration files as data: JSON, JSON with comments, TOML."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import json5

from ..errors import ConfigError
from .secrets import shown_path

MAX_BYTES = 16 * 1024 * 1024
MAX_JSON5_BYTES = 256 * 1024
"""json5 is written in Python and takes seconds for this much; larger files are strict JSON."""


def read(path: Path) -> Any:
    """The data of a `.toml`, or else JSON or JSONC file. Raises `ConfigError`."""
    shown = shown_path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # what its size says does not hold for a device
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"{shown}: larger than {MAX_BYTES} bytes", hint="name a smaller file")
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{shown}: not UTF-8 text (byte {error.start})", hint="save the file as UTF-8"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{shown}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from None
    return parse(text, path)


def parse(text: str, path: Path) -> Any:
    """The data of the text of a file. Raises `ConfigError`."""
    shown = shown_path(path)
    return _toml(text, shown) if path.suffix == ".toml" else _json(text, shown)


def _toml(text: str, shown: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown}: not TOML: {error}", hint="correct that line") from None
    except RecursionError:
        raise ConfigError(f"{shown}: nested too deep", hint="check the file") from None


def _json(text: str, shown: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ConfigError(f"{shown}: nested too deep", hint="check the file") from None
    except ValueError as error:
        strict = error
    if len(text) <= MAX_JSON5_BYTES:
        try:
            return json5.loads(text)
        except RecursionError:
            raise ConfigError(f"{shown}: nested too deep", hint="check the file") from None
        except ValueError:
            pass
    raise ConfigError(
        f"{shown}: not JSON: {strict}",
        hint="correct that place; comments and trailing commas are allowed",
    )
