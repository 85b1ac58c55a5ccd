"""What did not fit into an answer, kept for a while under a handle that nobody can guess."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass

KEPT_BYTES = 128 << 20
"""What is kept at most; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """One output. `text` is None for what is no text."""

    name: str
    mime_type: str
    data: bytes
    text: str | None


class Outputs:
    """Outputs by handle."""

    def __init__(self, *, max_bytes: int = KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, StoredOutput] = OrderedDict()
        self._size = 0

    def keep_text(self, name: str, text: str) -> str:
        """Keep a text; returns its handle."""
        return self._keep(StoredOutput(name, "text/plain", text.encode("utf-8", "replace"), text))

    def keep_file(self, name: str, mime_type: str, data: bytes, text: str | None) -> str:
        """Keep a file, with its `text` if it is one; returns its handle."""
        return self._keep(StoredOutput(name, mime_type, data, text))

    def get(self, handle: str) -> StoredOutput:
        """The output. Raises `KeyError` for one that is not kept, or no more."""
        return self._kept[handle]

    def _keep(self, kept: StoredOutput) -> str:
        handle = f"out-{secrets.token_hex(8)}"
        self._kept[handle] = kept
        self._size += len(kept.data)
        while self._size > self._max_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.data)
        return handle
