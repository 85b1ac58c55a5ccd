"""The secrets of one binding, taken out wherever words of a server or of an error are passed on.

What is secret of a target is collected in `config.secret_values`; a login adds its tokens.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .spellings import Finder, forms

REDACTED: Final = "[redacted]"
MIN_SECRET_CHARACTERS: Final = 4
"""What is shorter is part of too many words."""
_MAX_DEPTH: Final = 200
_MIN_DIGITS: Final = 8
"""Shorter numbers, such as a port, have many meanings."""
BINARY_FIELDS: Final = frozenset(("data", "blob"))
"""What holds base64 in content that says its MIME type."""
_MAX_TEXTUAL: Final = 4096
"""Letters of base64. In more, those of a short secret may follow each other by chance."""
_LABELS: Final = frozenset(
    ("password", "passwd", "secret", "token", "apikey", "api_key", "authorization", "bearer")
)
"""Words by which secrets go. Without them nobody would see that what follows is one."""


class SecretSet:
    """The secrets of one binding. It only grows: what was a secret stays one.

    All that any binding of this process has is `EVERY_SECRET`, for log records, which belong to no
    binding.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: frozenset[str] = frozenset()
        self._finder = Finder()
        self._lock = threading.Lock()
        self.add(*values)

    def add(self, *values: str | None) -> None:
        """Add secrets, in every form. None, and what is too short to tell from words, is left."""
        found = {form for value in values if value for form in forms(value)}
        with self._lock:
            new = {
                form
                for form in found - self._values
                if len(form) >= MIN_SECRET_CHARACTERS and form.lower() not in _LABELS
            }
            if not new:
                return
            self._values |= new
            self._finder = Finder(self._values)
        if self is not EVERY_SECRET:
            EVERY_SECRET.add(*values)

    @property
    def values(self) -> frozenset[str]:
        """The secrets, in every form."""
        return self._values

    def text(self, text: str) -> str:
        """A text without them. Use it before the text is cut, else half of a secret is left."""
        return self._finder.replaced(text, REDACTED)[0]

    def told_by(self, error: BaseException) -> bool:
        """Whether an error, its traceback or one of its causes has any of them."""
        told = "".join(traceback.format_exception(error))
        return self.text(told) != told

    def cleaned(self, value: Any, depth: int = 0) -> Any:
        """JSON data without them. A long number that is one becomes 0. Images, audio and files of
        some length stay as they are; of what is nested deeper than anything that is meant to be
        read, only that is told."""
        if depth > _MAX_DEPTH and isinstance(value, list | tuple | Mapping):
            return f"[nested more than {_MAX_DEPTH} levels deep]"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.cleaned(item, depth + 1) for item in value]
        if isinstance(value, Mapping):
            binary = BINARY_FIELDS if "mimeType" in value else frozenset[str]()
            return {
                self.text(str(key)): item
                if key in binary and isinstance(item, str) and len(item) > _MAX_TEXTUAL
                else self.cleaned(item, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, int | float) and len(text := str(value)) >= _MIN_DIGITS:
            return type(value)(0) if text in self._values else value
        return value


EVERY_SECRET: Final = SecretSet()
