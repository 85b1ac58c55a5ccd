"""Does the check find broken calls? Single mutants of correct programs, by class.

    python -m benchmarks.mutants [--only PATTERN] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import ast
import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen_codemode.typecheck import Checker
from mcp_sdkgen_codemode.typecheck.surface import Method, Surface, surface

from benchmarks.composed_programs import composed
from benchmarks.measuring import ROOT, show, write_json

PROGRAMS = ROOT / "tests" / "codemode" / "typecheck" / "programs"
GENERATED = ROOT / "generated"
CLASSES = (
    "renamed tool",
    "renamed argument",
    "renamed field",
    "wrong literal",
    "wrong type",
    "missing argument",
    "extra argument",
    "wrong nesting",
)


@dataclass(frozen=True)
class Mutant:
    """A program with one call broken, and how."""

    kind: str
    program: str
    change: str
    text: str


@dataclass(frozen=True)
class Known:
    """What calls may look like: methods by name, and the fields of results by name."""

    surface: Surface
    methods: dict[str, Method]
    types: dict[str, dict[str, str]]
    fields: frozenset[str]


def known() -> Known:
    """Read from the surfaces of the showcase SDKs, which the programs are written against."""
    pages = []
    for path in sorted(GENERATED.glob("*/*/snapshot.json")):
        sdk = generate(Snapshot.load(path))
        pages.append((sdk.package, sdk.files[f"{sdk.package}/surface.pyi"]))
    found = surface(pages)
    methods = {name: one for client in found.clients for name, one in found.methods[client].items()}
    types = {name: dict(_annotations(name, pages)) for name in methods}
    results = {name for name in found.fields if not name.endswith("Param")}
    fields = {field for name in results for field in found.fields[name]}
    return Known(found, methods, types, frozenset(fields))


def _annotations(method: str, pages: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for _, page in pages:
        tree = ast.parse(page)
        aliases = {
            node.targets[0].id: ast.unparse(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == method:
                for each in node.args.kwonlyargs:
                    kind = ast.unparse(each.annotation) if each.annotation else "Any"
                    for alias, meaning in aliases.items():
                        kind = kind.replace(alias, meaning)
                    yield each.arg, kind


def mutants(path: Path, facts: Known) -> Iterator[Mutant]:
    """Every mutant of one program. Each differs from it in one place, and cannot run through."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    for index, node in enumerate(nodes):
        for kind, change, broken in _broken(node, nodes, facts):
            other = copy.deepcopy(tree)
            target = list(ast.walk(other))[index]
            broken(target)
            yield Mutant(kind, path.stem, change, ast.unparse(ast.fix_missing_locations(other)))


def _broken(node: ast.AST, nodes: list[ast.AST], facts: Known) -> Iterator[tuple[str, str, Any]]:
    if isinstance(node, ast.Attribute) and node.attr in facts.fields and _reads(node, nodes):
        yield from _renamed("renamed field", node.attr)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return
    method = facts.methods.get(node.func.attr)
    if method is None or not _of_a_client(node, facts):
        return
    for kind, change, broken in _renamed("renamed tool", method.name):
        yield kind, change, lambda call, broken=broken: broken(call.func)
    spread = any(keyword.arg is None for keyword in node.keywords)
    for at, keyword in enumerate(node.keywords):
        if keyword.arg is None:
            continue
        for name in (f"{keyword.arg}s", keyword.arg[:-1] or "x", _camel(keyword.arg)):
            if name not in method.arguments:
                change = f"{method.name}({keyword.arg} → {name})"
                yield "renamed argument", change, _set_name(at, name)
        if keyword.arg in method.required and not spread:
            yield "missing argument", f"{method.name}({keyword.arg})", _drop(at)
        kind = facts.types[method.name][keyword.arg]
        yield from _wrong_values(method.name, at, keyword, kind, facts)
    for name in ("verbose", "limit_to", "options"):
        if name not in method.arguments:
            yield "extra argument", f"{method.name}(+{name})", _add(name)
    if method.required and not spread:
        yield "wrong nesting", f"{method.name}({{…}})", _as_one_dict
        yield "wrong nesting", f"{method.name}(arguments={{…}})", _under_one_name


def _wrong_values(
    method: str, at: int, keyword: ast.keyword, kind: str, facts: Known
) -> Iterator[tuple[str, str, Any]]:
    place = f"{method}({keyword.arg}=…)"
    if "Literal[" in kind and "Sequence" not in kind:
        yield "wrong literal", place, _set_value(at, ast.Constant("no such value"))
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            changed = keyword.value.value.swapcase()
            if repr(changed) not in kind:
                yield "wrong literal", f"{place} {changed}", _set_value(at, ast.Constant(changed))
    if "Literal[" in kind and "Sequence" in kind:
        wrong = ast.List([ast.Constant("no such value")], ast.Load())
        yield "wrong literal", place, _set_value(at, wrong)
    yield "wrong type", f"{place} object", _set_value(at, ast.parse("object()", mode="eval").body)
    if "str" not in kind and "Literal" not in kind and "Param" not in kind:
        yield "wrong type", f"{place} text", _set_value(at, ast.Constant("text"))
    if "int" not in kind and "float" not in kind:
        yield "wrong type", f"{place} number", _set_value(at, ast.Constant(12))
    if "Sequence" not in kind:
        yield "wrong nesting", f"{place} in a list", _wrap(at, lambda v: ast.List([v], ast.Load()))
    if "Param" not in kind:
        inner = lambda v: ast.Dict([ast.Constant("value")], [v])  # noqa: E731
        yield "wrong nesting", f"{place} in a dict", _wrap(at, inner)
    if isinstance(keyword.value, ast.Dict) or (
        isinstance(keyword.value, ast.List | ast.ListComp) and "Param" in kind
    ):
        yield from _wrong_dicts(place, at, keyword.value)


def _wrong_dicts(place: str, at: int, value: ast.expr) -> Iterator[tuple[str, str, Any]]:
    for number, node in enumerate(ast.walk(value)):
        if not isinstance(node, ast.Dict):
            continue
        for entry, key in enumerate(node.keys):
            if isinstance(key, ast.Constant):
                where = f"{place} {key.value!r}"
                yield "renamed field", where, _in_dict(at, number, entry, "rename")
                yield "wrong type", where, _in_dict(at, number, entry, "retype")
                yield "extra argument", where, _in_dict(at, number, entry, "add")
                yield "wrong nesting", where, _in_dict(at, number, entry, "nest")


def _renamed(kind: str, name: str) -> Iterator[tuple[str, str, Any]]:
    for other in (f"{name}s", name[:-1], _camel(name), f"{name}_value"):
        if other != name and other.isidentifier():
            yield kind, f"{name} → {other}", _set_attribute(other)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest) if rest else name.title()


def _of_a_client(node: ast.Call, facts: Known) -> bool:
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    names = {"weather", "everything", "github", "client", "own"}
    return (isinstance(owner, ast.Name) and owner.id in names) or (
        isinstance(owner, ast.Attribute) and owner.attr == "client"
    )


def _reads(node: ast.Attribute, nodes: list[ast.AST]) -> bool:
    """Whether it reads a result, rather than an attribute of the program's own under that name."""
    own = {
        each.target.id
        for each in nodes
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    stored = {
        each.attr
        for each in nodes
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
    }
    imported = {
        alias.asname or alias.name
        for each in nodes
        if isinstance(each, ast.Import)
        for alias in each.names
    }
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    return (
        isinstance(node.ctx, ast.Load) and node.attr not in own | stored and owner not in imported
    )


def _set_attribute(name: str) -> Any:
    return lambda node: setattr(node, "attr", name)


def _set_name(at: int, name: str) -> Any:
    return lambda call: setattr(call.keywords[at], "arg", name)


def _set_value(at: int, value: ast.expr) -> Any:
    return lambda call: setattr(call.keywords[at], "value", value)


def _wrap(at: int, around: Any) -> Any:
    return lambda call: setattr(call.keywords[at], "value", around(call.keywords[at].value))


def _drop(at: int) -> Any:
    return lambda call: call.keywords.pop(at)


def _add(name: str) -> Any:
    return lambda call: call.keywords.append(ast.keyword(name, ast.Constant(True)))


def _as_one_dict(call: ast.Call) -> None:
    call.args, call.keywords = [_dict_of(call)], []


def _under_one_name(call: ast.Call) -> None:
    call.keywords = [ast.keyword("arguments", _dict_of(call))]


def _dict_of(call: ast.Call) -> ast.Dict:
    keys: list[ast.expr | None] = [ast.Constant(each.arg) for each in call.keywords]
    return ast.Dict(keys, [each.value for each in call.keywords])


def _in_dict(at: int, number: int, entry: int, what: str) -> Any:
    def change(call: ast.Call) -> None:
        found = list(ast.walk(call.keywords[at].value))[number]
        assert isinstance(found, ast.Dict)
        if what == "rename":
            found.keys[entry] = ast.Constant("no_such_key")
        elif what == "retype":
            found.values[entry] = ast.parse("object()", mode="eval").body
        elif what == "add":
            found.keys.append(ast.Constant("no_such_key"))
            found.values.append(ast.Constant(True))
        else:
            key, value = found.keys[entry], found.values[entry]
            found.values[entry] = ast.Dict([key], [value])

    return change


def measure(checker: Checker, programs: Iterable[Path]) -> tuple[Counter[str], list[Mutant]]:
    """(mutants by class, those that the check let pass). Each text is counted once a class."""
    facts, made, survivors = known(), Counter[str](), []
    seen = set()
    for path in programs:
        for mutant in mutants(path, facts):
            if (mutant.kind, mutant.text) in seen:
                continue
            seen.add((mutant.kind, mutant.text))
            made[mutant.kind] += 1
            if not checker.check(mutant.text):
                survivors.append(mutant)
    return made, survivors


def main() -> None:
    """Print how many mutants of each class are caught, and every survivor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="break these programs only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    programs = sorted(PROGRAMS.glob("*.py"))
    folders = [str(path.parent) for path in sorted(GENERATED.glob("*/pyproject.toml"))]
    with Checker(sdks=folders) as checker:
        correct = [(path.stem, path.read_text(encoding="utf-8")) for path in programs]
        correct += composed()
        alarms = [name for name, text in correct if checker.check(text)]
        broken = [path for path in programs if fnmatch(path.stem, options.only)]
        made, survivors = measure(checker, broken)
    passed = Counter(mutant.kind for mutant in survivors)
    rows = [(kind, made[kind], made[kind] - passed[kind]) for kind in CLASSES]
    rows.append(("all", made.total(), made.total() - passed.total()))
    cells = [(kind, total, hit, f"{hit / max(total, 1):.1%}") for kind, total, hit in rows]
    show("Broken calls found by the check", ("class", "mutants", "caught", "share"), cells)
    print(f"{len(correct)} correct programs, {len(alarms)} false alarms: {', '.join(alarms)}")
    for mutant in survivors:
        print(f"survived: {mutant.program}: {mutant.kind}: {mutant.change}")
    facts = {kind: {"mutants": total, "caught": hit} for kind, total, hit in rows}
    write_json(options.json, {"classes": facts, "programs": len(correct), "alarms": alarms})


if __name__ == "__main__":
    main()
