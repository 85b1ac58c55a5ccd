"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GENERATOR = ROOT / "generator" / "mcp_sdkgen"
RUNTIME = ROOT / "runtime" / "client" / "mcp_sdkgen_runtime"
CODEMODE = ROOT / "runtime" / "codemode" / "mcp_sdkgen_codemode"

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

ORDERS = {
    GENERATOR: """
        errors diagnostic escaped ir names json_io snapshot text schema lower emit package drift
        lint config source observed lock live report pipeline provision cli __main__
    """,
    RUNTIME: """
        _version lazy text naming types host_channel errors ownership files callbacks options
        concurrency observability schema config content tool catalog observed cassettes oauth
        transport session guest client
    """,
    CODEMODE: """
        lifecycle limits program_input diagnostics host_only requirements catalog policy typecheck
        sandbox outcome events library tool_search prompting broker executor agent serve
    """,
}
"""Each package and module may import what stands before it: at the top, for types, inside."""

ONLY_IMPORTERS: dict[str, set[str]] = {
    "datamodel_code_generator": {"lower"},
    "jinja2": {"emit"},
    "black": {"emit"},
    "genson": {"observed"},
    "hatchling": {"package"},
    "typer": {"cli"},
    "rich": {"cli"},
    "loky": {"pipeline"},
    "mcp": set(),
    "mcp_types": set(),
    "httpx2": set(),
}

MAX_MODULES = 15


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def our_files() -> list[Path]:
    own = ("generator", "runtime", "templates", "tools", "website")
    folders = (*own, "examples", "benchmarks", "tests")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if not {"expected", "attacks", "__pycache__"} & set(path.parts)]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(dots, module) of every import in a file, wherever in it: `from . import a` names `a`."""
    for node in ast.walk(tree(path)):
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
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert not long


@pytest.mark.parametrize("folder", ORDERS, ids=lambda folder: folder.name)
def test_packages_import_only_those_before_them(folder: Path) -> None:
    order = ORDERS[folder].split()
    wrong = {
        f"{module} imports {other}"
        for module, others in _imported(folder).items()
        for other in others
        if order.index(other.split(".")[0]) > order.index(module.split(".")[0])
    }
    assert not wrong


@pytest.mark.parametrize("folder", ORDERS, ids=lambda folder: folder.name)
def test_every_package_has_a_place_in_the_order(folder: Path) -> None:
    found = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - {"__init__", "__pycache__"} == set(ORDERS[folder].split())


@pytest.mark.parametrize("folder", ORDERS, ids=lambda folder: folder.name)
def test_modules_import_in_no_circle(folder: Path) -> None:
    left = _imported(folder)
    # Whatever is left after taking away modules that ask for nothing more, again and again.
    while free := [module for module, others in left.items() if not others]:
        for module in free:
            del left[module]
        left = {module: others - set(free) for module, others in left.items()}
    assert not left


@pytest.mark.parametrize("folder", ORDERS, ids=lambda folder: folder.name)
def test_no_package_has_more_than_15_modules(folder: Path) -> None:
    folders = {path.parent for path in folder.rglob("*.py")}
    counts = {str(each.relative_to(ROOT)): len([*each.glob("*.py")]) for each in folders}
    assert not {name: count - 1 for name, count in counts.items() if count - 1 > MAX_MODULES}


def _imported(folder: Path) -> dict[str, set[str]]:
    """What each module of a distribution imports of the same distribution, in whatever way.

    The distribution's own `__init__.py` only gathers names for those outside, so it is left out.
    """
    known = {_module(path, folder): path for path in folder.rglob("*.py")}
    del known[""]
    return {
        module: _siblings(path, folder, set(known)) - {module} for module, path in known.items()
    }


def _module(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _siblings(path: Path, folder: Path, known: set[str]) -> set[str]:
    package = path.parent.relative_to(folder).parts
    found: set[str] = set()
    into = f"{folder.name}."
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            if node.level:
                base = [folder.name, *package[: len(package) - node.level + 1], *base]
            of = ".".join(base)
            inner = [f"{of}.{alias.name}" for alias in node.names]
            names = [each if each.removeprefix(into) in known else of for each in inner]
        else:
            continue
        found |= {each.removeprefix(into) for each in names if each.startswith(into)}
    return found & known


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
    names = {
        path.relative_to(RUNTIME).as_posix()
        for path in RUNTIME.rglob("*.py")
        for dots, module in imports(path)
        if not dots and module.split(".")[0] in ("mcp", "mcp_types")
    }
    importers = {name if name.startswith("session/") else name.split("/")[0] for name in names}
    assert importers == {"transport", "oauth", "session/mcp_session.py"}


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


def test_nothing_tells_to_install_a_package_of_ours_by_its_mere_name() -> None:
    """An index may have a stranger's of that name, and pip prefers it, if its version is higher."""
    command = re.compile(
        r"(?:pip install|uv add|uv tool install|uvx|pipx install|pipx run) ([^`#\n]*)"
    )
    named = re.compile(
        r"(?<![\w./-])(?:mcp-sdkgen(?:-runtime|-codemode)?|\w[\w-]*-sdk)(?![\w*./-])"
    )
    texts = [path for path in our_files() if not path.is_relative_to(ROOT / "tests")]
    for pattern in ("*.md", "docs/**/*.md", "runtime/*/*.md", "templates/**/*.jinja"):
        texts += [path for path in ROOT.glob(pattern) if path.name != "CHANGELOG.md"]
    by_file = ("dist/wheels.txt", "--no-index")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in texts
        for match in command.finditer(path.read_text())
        if named.search(match[1]) and not any(each in match[1] for each in by_file)
    ]
    assert not found


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


def test_no_python_of_ours_is_started_so_that_it_imports_the_current_folder() -> None:
    """`-m` and `-c` put it first on the path of imports, whatever stands in it, without `-P`."""
    shipped = [path for path in our_files() if path.is_relative_to(ROOT / "examples")]
    shipped += [path for folder in ORDERS for path in folder.rglob("*.py")]
    starts = [start for path in shipped for start in _starts(path)]
    assert len(starts) >= 5
    assert not [place for place, words in starts if not {"-P", "-I"} & set(words)]
    pools = {"multiprocessing", "concurrent.futures.process"}
    assert not [path for path in shipped for _, name in imports(path) if name in pools]


def _starts(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each list of words in a file that starts Python by a module's name or with a text, and the
    words that are known before that name or text."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.List | ast.Tuple):
            continue
        words = [one.value if isinstance(one, ast.Constant) else "" for one in node.elts]
        is_ours = bool(node.elts) and ast.unparse(node.elts[0]) == "sys.executable"
        for option in ("-m", "-c") if is_ours else ("-m",):
            if option in words:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", words[: words.index(option)]


_TYPE_REFS = {
    "Plain", "Literals", "ListOf", "TupleOf", "MapOf", "ModelRef", "UnionOf", "TaggedUnion",
}  # fmt: skip


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
