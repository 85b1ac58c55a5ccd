"""Names that are imported on first use (PEP 562), so that import time does not grow with tools."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


def lazy_exports(package: str, names: Mapping[str, str | None]) -> Callable[[str], Any]:
    """A module `__getattr__` that imports each name from its submodule when it is first asked for.

    `names` maps an exported name to the submodule that defines it, relative to `package`; None
    means the submodule of that name itself. What was found is kept in the package's globals, so
    the function runs once for a name. An unknown name raises `AttributeError` that says which
    known name is nearest. `dir` of the package shows these names and its submodules, as far as
    those were imported, and nothing private.
    """

    def __getattr__(name: str) -> Any:
        if name not in names:
            raise AttributeError(_unknown(package, name, names))
        submodule = names[name]
        found = import_module(f"{package}.{submodule or name}")
        value = found if submodule is None else getattr(found, name)
        setattr(sys.modules[package], name, value)
        return value

    module = sys.modules[package]

    def __dir__() -> list[str]:
        loaded = {
            name
            for name, value in vars(module).items()
            if isinstance(value, ModuleType) and value.__name__ == f"{package}.{name}"
        }
        return sorted(name for name in loaded | set(names) if not name.startswith("_"))

    module.__dir__ = __dir__  # type: ignore[method-assign]
    return __getattr__


def _unknown(package: str, name: str, names: Mapping[str, str | None]) -> str:
    message = f"module {package!r} has no attribute {name!r}"
    if not name.startswith("__"):
        # difflib costs 5 ms to import and a probe for a dunder never wants advice.
        from difflib import get_close_matches

        if near := get_close_matches(name, names, n=1):
            message += f"; did you mean {near[0]!r}?"
    return message
