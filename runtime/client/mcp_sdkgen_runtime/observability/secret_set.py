"""The secrets of one binding, taken out wherever words of a server or of an error are passed on.

What is secret of a target is collected in `config.secret_values`; a login adds its tokens.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

REDACTED: Final = "[redacted]"
MIN_SECRET_CHARACTERS: Final = 4
"""What is shorter is part of too many words."""
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
        self._pattern = replacing(())
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
            self._pattern = replacing(self._values)
        if self is not EVERY_SECRET:
            EVERY_SECRET.add(*new)

    @property
    def values(self) -> frozenset[str]:
        """The secrets, in every form."""
        return self._values

    def text(self, text: str) -> str:
        """A text without them. Use it before the text is cut, else half of a secret is left."""
        return self._pattern.sub(REDACTED, text)

    def cleaned(self, value: Any) -> Any:
        """JSON data without them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.cleaned(item) for item in value]
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.cleaned(item) for key, item in value.items()}
        return value


def forms(value: str) -> set[str]:
    """A value as a server may repeat it: line by line, quoted for a URL, escaped in JSON or a
    `repr`."""
    found: set[str] = set()
    for line in {value, *value.splitlines()}:
        line = line.strip()
        escaped = json.dumps(line)[1:-1], repr(line)[1:-1]
        found |= {line, quote(line, safe=""), quote(line), unquote(line), *escaped}
    # A variable that is not replaced yet is no value.
    return {form for form in found if form and "${" not in form}


def replacing(values: Iterable[str]) -> re.Pattern[str]:
    """The pattern of any of these texts, the longest first; of nothing when there are none."""
    longest_first = sorted(set(values), key=lambda value: (-len(value), value))
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


EVERY_SECRET: Final = SecretSet()
