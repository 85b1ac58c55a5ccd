"""The pages of the Python API, made from signatures and docstrings. Nothing is imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[1]
SEARCH = [ROOT / "runtime" / "client", ROOT / "runtime" / "codemode", ROOT / "generator"]
PACKAGES = {
    "mcp_sdkgen_runtime": ("reference/runtime-api.md", "Runtime API", "what every SDK stands on"),
    "mcp_sdkgen_codemode": ("reference/codemode-api.md", "Code mode API", "programs in a sandbox"),
    "mcp_sdkgen": ("reference/generator-api.md", "Generator API", "builds from Python"),
}


def api_pages() -> dict[str, str]:
    """Page → Markdown, for each package that people import."""
    loader = griffe.GriffeLoader(search_paths=SEARCH)
    modules = {package: loader.load(package) for package in PACKAGES}
    pages = {}
    for package, (page, title, what) in PACKAGES.items():
        module = modules[package]
        assert isinstance(module, griffe.Module)
        head = f"# {title}\n\nWhat `import {package}` gives: {what}.\n"
        entries = [_described(name, entry) for name, entry in _public(module)]
        pages[page] = "\n".join([head, *("\n".join(lines) for lines in entries)])
    return pages


def _public(module: griffe.Module) -> Iterator[tuple[str, griffe.Object]]:
    """What a package re-exports of our own; errors have a page of their own."""
    # By its imports, not its members: of `build` from `.build`, the member is the submodule.
    for name, path in sorted(module.imports.items(), key=lambda one: one[0].lower()):
        if name.startswith("_") or path.split(".")[0] not in PACKAGES:
            continue
        found = module.modules_collection.get_member(path)
        target = found.final_target if isinstance(found, griffe.Alias) else found
        is_error = target.path.startswith("mcp_sdkgen_runtime.errors")
        if isinstance(target, griffe.Object) and not target.is_module and not is_error:
            yield name, target


def _described(name: str, entry: griffe.Object) -> Iterator[str]:
    yield f"## {name}\n"
    if isinstance(entry, griffe.Class):
        yield from _class(name, entry)
    elif isinstance(entry, griffe.Function):
        yield f"```python\n{_signature(name, entry)}\n```\n"
        yield f"{_docstring(entry)}\n"
    else:
        value = getattr(entry, "value", None)
        yield f"```python\n{name} = {value}\n```\n" if value else ""
        yield f"{_docstring(entry)}\n"


def _class(name: str, entry: griffe.Class) -> Iterator[str]:
    bases = ", ".join(str(base) for base in entry.bases if not str(base).startswith("_"))
    head = f"class {name}{f'({bases})' if bases else ''}"
    made = entry.members.get("__init__")
    if isinstance(made, griffe.Function) and made.parameters:
        call = _signature(name, made).removeprefix("def ").removesuffix(" -> None")
        head += f"\n\n{call}"
    yield f"```python\n{head}\n```\n"
    yield f"{_docstring(entry)}\n"
    for member_name, member in _members(entry):
        if isinstance(member, griffe.Function):
            yield f"### {name}.{member_name}\n"
            yield f"```python\n{_signature(member_name, member)}\n```\n"
        elif isinstance(member, griffe.Attribute) and member.annotation is not None:
            computed = member.value is None or "property" in member.labels
            value = "" if computed else f" = {member.value}"
            yield f"```python\n{member_name}: {member.annotation}{value}\n```\n"
        yield f"{_docstring(member)}\n"


def _members(entry: griffe.Class) -> Iterator[tuple[str, griffe.Object]]:
    """The public members of a class, with those of its private bases."""
    for name, member in {**entry.inherited_members, **entry.members}.items():
        target = member.final_target if isinstance(member, griffe.Alias) else member
        parent = target.parent
        ours = parent is not None and (parent.path == entry.path or parent.name.startswith("_"))
        if ours and not name.startswith("_") and isinstance(target, griffe.Object):
            yield name, target


def _signature(name: str, function: griffe.Function) -> str:
    marks = "async " if "async" in function.labels else ""
    shown: str = function.signature(name=name)
    if len(shown) > 88 and function.parameters:
        inner = shown[shown.index("(") + 1 : shown.rindex(")")]
        shown = shown.replace(inner, "\n    " + ",\n    ".join(_parts(inner)) + ",\n", 1)
    return f"{marks}def {shown}"


def _parts(inner: str) -> Iterator[str]:
    """The parameters of a signature; commas inside brackets part nothing."""
    depth, start = 0, 0
    for at, sign in enumerate(inner):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            yield inner[start:at].strip()
            start = at + 1
    yield inner[start:].strip()


def _docstring(entry: griffe.Object) -> str:
    return entry.docstring.value if entry.docstring else ""
