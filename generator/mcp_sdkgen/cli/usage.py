"""A command line that was not understood, taken apart for a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def taken_apart(
    words: Sequence[str], command: Any, most: int | None = None
) -> tuple[list[str], list[str]]:
    """The options that a verb's command has, with their values; and all other words, in order.

    Behind the first `most` other words, everything is one.
    """
    valued = {
        name: not getattr(parameter, "is_flag", False)
        for parameter in command.params
        if parameter.param_type_name == "option"
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    options: list[str] = []
    others: list[str] = []
    left = list(words)
    while left and (most is None or len(others) < most):
        word = left.pop(0)
        name, sign, _ = word.partition("=")
        if name not in valued:
            others.append(word)
            continue
        options.append(word)
        if valued[name] and not sign and left:
            options.append(left.pop(0))
    return options, [*others, *left]
