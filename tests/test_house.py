"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GENERATOR = ROOT / "generator" / "mcp_sdkgen"
RUNTIME = ROOT / "runtime" / "client" / "mcp_sdkgen_runtime"
CODEMODE = ROOT / "runtime" / "codemode" / "mcp_sdkgen_codemode"

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

ORDER = (
    "errors",
    "diagnostic",
    "ir",
    "places",
    "snapshot",
    "names",
    "text",
    "annotation",
    "schema",
    "models",
    "lower",
    "breaking",
    "render",
    "scaffold",
    "layout",
    "generate",
    "check",
    "write",
    "wheel",
    "drift",
    "history",
    "lint",
    "infer",
    "config",
    "source",
    "observe",
    "lock",
    "report",
    "build",
    "match",
    "supply",
    "cli",
)
"""Each of these may import the ones before it. `snapshot.take` alone looks back up, inside."""

ONLY_IMPORTERS = {
    "datamodel_code_generator": {"models"},
    "jinja2": {"render"},
    "black": {"layout"},
    "genson": {"infer"},
    "hatchling": {"wheel"},
    "typer": {"cli"},
    "rich": {"cli"},
    "loky": {"build"},
    "mcp": {"source"},
    "mcp_types": {"source"},
}


def our_files() -> list[Path]:
    folders = ("generator", "runtime", "templates", "examples", "benchmarks", "tests", "website")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if not {"expected", "attacks", "__pycache__"} & set(path.parts)]


def imports(path: Path, *, top_only: bool = False) -> Iterator[tuple[int, str]]:
    """(dots, module) of every import in a file."""
    tree = ast.parse(path.read_text())
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level and not base:
                yield from ((node.level, alias.name) for alias in node.names)
            else:
                yield node.level, base
        elif isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in our_files() if (n := _lines(p)) > MAX_FILE_LINES}
    assert not long


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in our_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert not long


def test_generator_modules_import_only_those_before_them() -> None:
    wrong = []
    for path in GENERATOR.rglob("*.py"):
        parts = path.relative_to(GENERATOR).with_suffix("").parts
        if parts in (("__init__",), ("__main__",)):
            continue
        own, inside = parts[0], len(parts) - 1
        for dots, module in imports(path, top_only=True):
            if dots == inside + 1 and ORDER.index(module.split(".")[0]) > ORDER.index(own):
                wrong.append(f"{own} imports {module}")
    assert not wrong


def test_every_module_of_the_generator_has_a_place_in_the_order() -> None:
    found = {path.stem for path in GENERATOR.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - {"__init__", "__main__", "__pycache__", "py"} - {"py.typed"} == set(ORDER)


@pytest.mark.parametrize("folder", [RUNTIME, CODEMODE], ids=["runtime", "codemode"])
def test_modules_that_run_programs_and_calls_import_in_no_circle(folder: Path) -> None:
    asked = {module: _siblings(path, folder) for module, path in _modules(folder).items()}
    # Whatever is left after taking away modules that ask for nothing more, again and again.
    while free := [module for module, others in asked.items() if not others]:
        for module in free:
            del asked[module]
        asked = {module: others - set(free) for module, others in asked.items()}
    assert not asked


def _modules(folder: Path) -> dict[str, Path]:
    found = {}
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        # A package's own file only gathers names for those outside.
        if parts[-1] != "__init__":
            found[".".join(parts)] = path
    return found


def _siblings(path: Path, folder: Path) -> set[str]:
    """The modules of its own distribution that a module imports as it loads."""
    parts = path.relative_to(folder).with_suffix("").parts
    known = _modules(folder)
    found = set()
    for dots, module in imports(path, top_only=True):
        if dots:
            base = parts[: len(parts) - dots]
            found.add(".".join([*base, *module.split(".")] if module else base))
    return {module for module in found if module in known}


def test_distributions_import_one_way() -> None:
    allowed = {GENERATOR: {"mcp_sdkgen_codemode", "mcp_sdkgen_runtime"}, RUNTIME: set()}
    allowed[CODEMODE] = {"mcp_sdkgen_runtime"}
    ours = {"mcp_sdkgen", "mcp_sdkgen_codemode", "mcp_sdkgen_runtime"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for folder, others in allowed.items()
        for path in folder.rglob("*.py")
        for dots, module in imports(path)
        if not dots and module.split(".")[0] in ours - others - {folder.name}
    ]
    assert not wrong


@pytest.mark.parametrize("library", ONLY_IMPORTERS)
def test_a_library_has_one_importer(library: str) -> None:
    importers = {
        path.relative_to(GENERATOR).with_suffix("").parts[0]
        for path in GENERATOR.rglob("*.py")
        for dots, module in imports(path)
        if not dots and module.split(".")[0] == library
    }
    assert importers == ONLY_IMPORTERS[library]


def test_only_what_a_connection_needs_imports_mcp() -> None:
    importers = {
        path.name
        for path in RUNTIME.rglob("*.py")
        for dots, module in imports(path)
        if not dots and module.split(".")[0] in ("mcp", "mcp_types")
    }
    # `callbacks.py` turns our callbacks into mcp's, `oauth.py` keeps the tokens of mcp's OAuth
    # providers, `incoming.py` looks at its messages, and only `mcp_session.py` and
    # `connection.py`, which it imports, import them.
    assert importers == {
        "mcp_session.py",
        "connection.py",
        "callbacks.py",
        "incoming.py",
        "oauth.py",
        "resource_changes.py",
        "task_polling.py",
    }


def test_the_ir_holds_no_raw_text() -> None:
    from dataclasses import fields, is_dataclass

    from mcp_sdkgen import ir

    shown = [
        value
        for name, value in vars(ir).items()
        if isinstance(value, type) and is_dataclass(value) and name not in _TYPE_REFS
    ]
    raw = [
        f"{one.__name__}.{each.name}"
        for one in shown
        for each in fields(one)
        if re.search(r"\bstr\b|\bAny\b|\bobject\b", str(each.type))
    ]
    assert shown
    assert not raw


def test_no_tracked_file_tells_of_a_machine_or_of_unfinished_work() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    pattern = re.compile(rf"{'TO' + 'DO'}|{'FIX' + 'ME'}|/(?:root|home/[a-z]+)/[.\w]")
    found = []
    for name in tracked:
        if (
            name.startswith(("tests/corpus/", "generated/", "tests/cases/", "tests/attacks/"))
            or name == "tests/test_house.py"
        ):
            continue
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            text = path.read_text(errors="replace")
            found += [f"{name}: {match[0]}" for match in pattern.finditer(text)]
    assert not found


_TYPE_REFS = {"Plain", "Literals", "ListOf", "MapOf", "ModelRef", "UnionOf"}


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
