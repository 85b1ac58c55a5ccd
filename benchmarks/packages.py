"""What stands in a generated package, read from its source without importing it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.catalog import Sdk
from mcp_sdkgen_runtime.schema.definitions import digest

Json = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One keyword argument of a method, with its annotation as source text."""

    name: str
    annotation: str
    required: bool


@dataclass(frozen=True)
class Method:
    """One method of the blocking client that calls a tool; `module` is the tool's module.

    `parameter_of` gives the parameter for each wire name; `extra` is the one that takes undeclared
    arguments, empty when there is none.
    """

    name: str
    module: str
    parameters: tuple[Parameter, ...]
    parameter_of: Mapping[str, str]
    extra: str
    returns: str


@dataclass(frozen=True)
class Package:
    """One generated SDK. `folder` is the import package; both clients are named by their class."""

    folder: Path
    blocking: str
    waiting: str
    methods: tuple[Method, ...]
    waiting_methods: frozenset[str]

    @property
    def name(self) -> str:
        """The name to import."""
        return self.folder.name

    def definition(self, method: Method) -> Json:
        """The tool definition that the package ships."""
        return dict(Sdk("", self.name, "", "", self.folder).definition(method.module))

    @property
    def classes(self) -> list[str]:
        """Every name that a type checker sees in the package's `types`."""
        tree = ast.parse((self.folder / "types" / "__init__.py").read_text(encoding="utf-8"))
        return [
            alias.name
            for node in tree.body
            if isinstance(node, ast.If)
            for line in node.body
            if isinstance(line, ast.ImportFrom)
            for alias in line.names
        ]

    def unreachable(self, tools: Iterable[Json]) -> list[str]:
        """Wire names of the tools, duplicates included, that have no method on both clients."""
        reached = Counter(
            digest(self.definition(method))
            for method in self.methods
            if method.name in self.waiting_methods
        )
        missing = []
        for tool in tools:
            key = digest(tool)
            if not reached[key]:
                missing.append(str(tool.get("name")))
            reached[key] -= 1
        return missing


def read_package(folder: Path) -> Package:
    """Read the SDK whose sources stand in `folder`. Raises `ValueError` when there is no SDK."""
    clients = list(folder.glob("*/client.py"))
    if len(clients) != 1:
        raise ValueError(f"{folder}: expected one package with a client, found {len(clients)}")
    package = clients[0].parent
    blocking, waiting = _client(package / "client.py"), _client(package / "aio.pyi")
    return Package(
        package,
        blocking.name,
        waiting.name,
        tuple(_methods(blocking)),
        frozenset(node.name for node in waiting.body if isinstance(node, ast.AsyncFunctionDef)),
    )


def import_lines(package: Package) -> str:
    """The import statements of the client module, as another module has to write them."""
    tree = ast.parse((package.folder / "client.py").read_text(encoding="utf-8"))
    lines = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level:
            node.module = ".".join(filter(None, (package.name, node.module)))
            node.level = 0
        if isinstance(node, ast.Import | ast.ImportFrom):
            lines.append(ast.unparse(node))
    return "\n".join(lines)


def _client(path: Path) -> ast.ClassDef:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef))


def _methods(client: ast.ClassDef) -> Iterator[Method]:
    for node in client.body:
        if not isinstance(node, ast.FunctionDef) or node.returns is None:
            continue
        if call := _call_of_tool(node):
            given = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            parameters = tuple(
                Parameter(arg.arg, ast.unparse(arg.annotation), default is None)
                for arg, default in given
                if arg.annotation
            )
            module = ast.unparse(call.args[0]).split(".")[-2]
            extra = ast.unparse(call.args[2]) if len(call.args) > 2 else ""
            returns = ast.unparse(node.returns)
            yield Method(node.name, module, parameters, _payload(call), extra, returns)


def _call_of_tool(method: ast.AST) -> ast.Call | None:
    """The call `self._call(_tools.<module>.TOOL, {<wire name>: <parameter>, ...}[, <extra>])`."""
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._call":
            return node
    return None


def _payload(call: ast.Call) -> dict[str, str]:
    payload = call.args[1]
    if not isinstance(payload, ast.Dict):
        raise ValueError(f"not a payload: {ast.unparse(payload)}")
    return {
        ast.literal_eval(key): ast.unparse(value)
        for key, value in zip(payload.keys, payload.values, strict=True)
        if key is not None
    }
