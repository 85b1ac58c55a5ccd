"""Words for the host alone: paths, URLs, commands, and what servers wrote to stderr."""

from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime.observability.redaction import without_secrets
from mcp_sdkgen_runtime.text import printable, shortened_text

_UNSEEN: Final = "(for the host alone)"


class HostOnly:
    """Words that no model and no program may see. Secrets are taken out of them all the same.

    It is no `str`, and everything that renders for models takes only `str`: so the type checker
    proves that none of these words gets there. Formatted by mistake, it shows nothing of them.
    """

    __slots__ = ("_words",)

    def __init__(self, words: str = "") -> None:
        self._words = shortened_text(printable(without_secrets(words))) if words else ""

    @classmethod
    def of(cls, error: BaseException) -> HostOnly:
        """What an error says, with its kind."""
        return cls(f"{type(error).__name__}: {error}")

    def for_host(self) -> str:
        """The words. Whoever asks for them shows them to the host and to nobody else."""
        return self._words

    def __bool__(self) -> bool:
        """Whether there are any words."""
        return bool(self._words)

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        return isinstance(other, HostOnly) and self._words == other._words

    def __hash__(self) -> int:
        """By the words."""
        return hash(self._words)

    def __repr__(self) -> str:
        """Nothing of the words."""
        return _UNSEEN if self._words else "(nothing)"


NOTHING: Final = HostOnly()
