"""Where the data beside the code is: the only place that knows a checkout from an installation."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def data(folder: str) -> Path:
    """`templates` or `examples`: inside the installed package, else at the root of the checkout."""
    installed = _PACKAGE / folder
    return installed if installed.is_dir() else _PACKAGE.parents[1] / folder
