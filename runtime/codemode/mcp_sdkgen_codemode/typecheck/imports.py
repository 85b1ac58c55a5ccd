"""May the program import that? Decided by name, not by what happens to be installed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from importlib.machinery import PathFinder
from pathlib import Path

from ..diagnostics import Diagnostic

ALWAYS = (
    "annotated_types",
    "mcp_sdkgen_runtime",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
)
"""What every sandbox has besides the standard library."""


def unavailable(tree: ast.Module, sdks: Iterable[str], others: Iterable[str]) -> list[Diagnostic]:
    """A diagnostic for each import of a module that the program will not have."""
    sdks = sorted(sdks)
    others = {*others, *ALWAYS}
    allowed = {*sys.stdlib_module_names, *sdks, *others}
    found = []
    for node, module in _imported(tree):
        top = module.partition(".")[0]
        if top in allowed:
            continue
        if not top:
            message = "a program is no package: relative imports lead nowhere"
            hint = ""
        else:
            message = f"module {top!r} is not available to the program"
            near = get_close_matches(top, [*sdks, *sorted(others)], 1, 0.6)
            near = near or get_close_matches(top, sys.stdlib_module_names, 1, 0.8)
            hint = f"did you mean {near[0]}? " if near else ""
            more = sorted(others - set(ALWAYS))
            hint += f"SDKs: {', '.join(sdks) or 'none'}"
            hint += f"; packages: {', '.join(more)}" if more else ""
            hint += "; and the standard library"
            if not near and _is_installed(top):
                hint = f"it is installed: allow it with --with {top}. {hint}"
        place = node.lineno, node.col_offset + 1
        found.append(Diagnostic(*place, "import-not-found", message, hint))
    return found


def _is_installed(module: str) -> bool:
    """Whether a top-level module stands where packages are installed; nothing is imported."""
    places = [each for each in sys.path if Path(each).name in ("site-packages", "dist-packages")]
    return PathFinder.find_spec(module, places) is not None


def _imported(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "" if node.level else node.module or ""


def not_installed(packages: Collection[str]) -> list[str]:
    """Those of the packages that are installed under neither their import name nor their own."""
    if not packages:
        return []
    # Deferred: names and requirements of packages take a while, and most checks have none.
    from importlib.metadata import packages_distributions

    from ..requirements import canonical

    by_module = packages_distributions()  # reads the lists of files of all that is installed
    known = {canonical(name) for names in by_module.values() for name in names}
    return [name for name in packages if name not in by_module and canonical(name) not in known]


def with_requirements(packages: Sequence[str]) -> set[str]:
    """Import names of the given packages and of all that they require.

    A package is named as it is imported or as it is installed: `yaml` or `PyYAML`. What is neither
    here brings no name; the sandbox says that it is not installed.
    """
    if not packages:
        return set()
    # Deferred, as above.
    from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

    from ..requirements import canonical, required

    by_module = packages_distributions()
    by_distribution: dict[str, set[str]] = {}
    for module, names in by_module.items():
        for name in names:
            by_distribution.setdefault(canonical(name), set()).add(module)
    found = {name for name in packages if name.isidentifier()}
    waiting: list[str] = []
    for name in packages:
        waiting += map(canonical, by_module.get(name, [name]))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found |= {each for each in by_distribution.get(name, ()) if each.isidentifier()}
        with suppress(PackageNotFoundError):
            waiting += required(distribution(name))
    return found
