"""A package's `surface.pyi`, taken apart: its methods, and its models as they are written there.

The file is parsed and never run: what stands in it may come from a server.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the client: its name, its signature without the name, its first sentence.

    The signature is `(*, city: str) -> Forecast`. A default of `...` means that the argument may be
    left out, and that `None` is a value that is sent.
    """

    name: str
    signature: str
    summary: str


@dataclass(frozen=True, slots=True)
class Surface:
    """What `surface.pyi` says.

    `instance` is the ready-made client and `client` its class. `groups` are the methods of prompts
    and resources, by the name of their property. `models` maps every class and every named literal
    to its source, on as few lines as Python allows, in the file's order.
    """

    instance: str
    client: str
    methods: tuple[Method, ...]
    groups: dict[str, tuple[Method, ...]]
    models: dict[str, str]

    def reached(self, names: Iterable[str]) -> set[str]:
        """Those of the names that are classes, and every class that these are made of."""
        found: set[str] = set()
        waiting = [name for name in names if name in self.models]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += names_in(self.models[each]) & self.models.keys()
        return found


def read_surface(text: str) -> Surface:
    """Take a surface apart. Raises `SyntaxError` if it is none, because its file was changed."""
    tree = ast.parse(text)
    instance = client = ""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            instance, client = node.target.id, ast.unparse(node.annotation)
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    if client not in classes:
        raise SyntaxError("the surface has no client")
    groups = {
        name: tuple(map(_method, _functions(classes[returned])))
        for name, returned in _properties(classes[client])
        if returned in classes
    }
    hidden = {client, *(returned for _, returned in _properties(classes[client]))}
    return Surface(
        instance,
        client,
        tuple(map(_method, _functions(classes[client]))),
        groups,
        {name: source for name, source in _models(tree) if name not in hidden},
    )


def names_in(source: str) -> set[str]:
    """Every name that a piece of source mentions, inside quotes too."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def _functions(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.decorator_list:
            yield part


def _properties(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.decorator_list and part.returns:
            yield part.name, ast.unparse(part.returns)


def _method(node: ast.FunctionDef) -> Method:
    summary = " ".join((ast.get_docstring(node) or "").split())
    arguments = _Brief().visit(node.args)
    arguments.args = arguments.args[1:]  # without self
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return Method(node.name, f"({ast.unparse(arguments)}){returns}", summary)


def _models(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, ast.unparse(_Brief().visit(node))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, ast.unparse(node)


class _Brief(ast.NodeTransformer):
    """Leaves out what only a type checker needs: aliases of fields, and `Omit` beside `None`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if _is(node.value, "Annotated") and isinstance(node.slice, ast.Tuple):
            return node.slice.elts[0]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return node.left if _is(node.right, "Omit") else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(...) if node.id == "OMIT" else node


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
