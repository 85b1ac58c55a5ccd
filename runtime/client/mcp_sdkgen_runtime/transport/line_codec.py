"""How the bytes of a stdio server become lines: in linear time, within a limit, noise and all.

`mcp` joins what it has read to a line's beginning and looks for the end again, for every 64 KiB
that come: a line of 50 MB takes it ten seconds and more. It lets the encoding be chosen, though,
and the one registered here is UTF-8 whose decoder gives out whole lines only.
"""

from __future__ import annotations

import codecs
from typing import Any, Final

ENCODING: Final = "mcp_sdkgen_lines"
MAX_LINE_BYTES = 256 * 1024 * 1024
"""A line longer than this ends the connection; else a server could fill the memory."""
TOO_LONG: Final = "mcp-sdkgen: a line was too long"
"""Stands for such a line. It is no message, so whoever reads the messages gets an error."""


class LineDecoder(codecs.IncrementalDecoder):
    """Holds back what is no whole line yet.

    Bytes that are no UTF-8 become U+FFFD whatever `errors` says: servers print all kinds of things
    to stdout, and such a line is to be passed over like any other that is no message.
    """

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._held: list[bytes] = []
        self._size = 0
        self._over = False

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
        """The lines that `data` completes; `TOO_LONG` for one that is, and no others then."""
        if self._over:
            return ""
        whole, newline, rest = data.rpartition(b"\n")
        if not newline and not final:
            self._held.append(data)
            self._size += len(data)
            if self._size > MAX_LINE_BYTES:
                # An error here would not do: `mcp` reads on until the server stops writing.
                self._over, self._held = True, []
                return f"{TOO_LONG}\n"
            return ""
        lines = b"".join([*self._held, whole, newline, rest if final else b""])
        self._held = [] if final else [rest]
        self._size = 0 if final else len(rest)
        return lines.decode("utf-8", "replace")


def is_too_long(message: Any) -> bool:
    """Whether what was read instead of a message is a line that was too long."""
    return isinstance(message, ValueError) and TOO_LONG in str(message)


def _found(name: str) -> codecs.CodecInfo | None:
    if name != ENCODING:
        return None
    utf8 = codecs.lookup("utf-8")
    return codecs.CodecInfo(utf8.encode, utf8.decode, incrementaldecoder=LineDecoder, name=ENCODING)


codecs.register(_found)
