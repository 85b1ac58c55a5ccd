"""What hints are made of: the names and signatures on an SDK's surface."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mcp_sdkgen_runtime.text import shortened_text

MAX_SIGNATURE = 400

_FURTHER = re.compile(r"Also any further keys(?: in \.model_extra)?: (?P<kind>[^.]+)\.")

_RUNTIME = {
    "Unstructured": ["text", "json", "images", "audio", "resources", "links", "content"],
    "ResultText": ["json"],
    "ObservedText": ["data", "fault", "require", "json"],
    "PromptResult": ["text", "messages", "description", "images", "audio", "resources", "links"],
    "ResourceResult": ["text", "data", "json", "items"],
}


@dataclass(frozen=True)
class Method:
    """One method: its arguments, which of them are required, and its signature on one line."""

    name: str
    arguments: tuple[str, ...]
    required: tuple[str, ...]
    signature: str


@dataclass
class Surface:
    """The classes of all SDKs: methods and fields by class name. `clients` are those with tools.

    `further` are the classes that may have keys which they do not name, as `<package>.<class>`,
    with the type of what these hold.
    """

    methods: dict[str, dict[str, Method]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    modules: dict[str, list[str]] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)
    further: dict[str, str] = field(default_factory=dict)

    def further_of(self, name: str) -> str:
        """What further keys of a class hold; empty where it takes none."""
        found = (kind for known, kind in self.further.items() if known.endswith(f".{name}"))
        return next(found, "")

    @property
    def classes(self) -> set[str]:
        """Every class name of an SDK or of the runtime that a message may speak of."""
        return {*self.methods, *self.fields, "Coroutine", "Media", "Link", "Resource"}


def surface(pages: Iterable[tuple[str, str]]) -> Surface:
    """Read (import name, surface) pairs. A page that is no Python is left out."""
    found = Surface(fields={name: dict.fromkeys(names, "") for name, names in _RUNTIME.items()})
    for package, page in pages:
        try:
            tree = ast.parse(page)
        except (SyntaxError, ValueError, RecursionError):
            continue
        exported = []
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                exported += _add_class(found, node)
                if further := _FURTHER.fullmatch(ast.get_docstring(node) or ""):
                    found.further[f"{package}.{node.name}"] = " ".join(further["kind"].split())
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                exported.append(node.target.id)
        found.modules[package] = exported
    return found


def _add_class(found: Surface, node: ast.ClassDef) -> list[str]:
    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
    if any(base in ("Client", "PromptGroup", "ResourceGroup") for base in bases):
        defined = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        names = (node.name, f"Async{node.name}")
        for name in names:
            waiting = name != node.name
            methods = {each.name: _method(each, waiting) for each in defined}
            found.methods.setdefault(name, {}).update(methods)
        if "Client" in bases:
            found.clients.update(names)
            return list(names)
    else:
        known = found.fields.setdefault(node.name, {})
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                known[each.target.id] = ast.unparse(each.annotation)
    return []


def _method(node: ast.FunctionDef, waiting: bool) -> Method:
    arguments = node.args.kwonlyargs
    pairs = list(zip(arguments, node.args.kw_defaults, strict=True))
    required = [each.arg for each, default in pairs if default is None]
    shown = [_argument(each, default) for each, default in pairs]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    head = f"{'await ' if waiting else ''}{node.name}("
    signature = f"{head}{', '.join(shown)}){returns}"
    if len(signature) > MAX_SIGNATURE:
        required = [
            text for text, (_, default) in zip(shown, pairs, strict=True) if default is None
        ]
        names = [f"{each.arg}=…" for each, default in pairs if default is not None]
        signature = f"{head}{', '.join(required + names)}){returns}"
    names = [each.arg for each in arguments]
    signature = shortened_text(signature, MAX_SIGNATURE)
    return Method(node.name, tuple(names), tuple(required), signature)


def _argument(node: ast.arg, default: ast.expr | None) -> str:
    kind = ast.unparse(node.annotation) if node.annotation else "Any"
    if default is None:
        return f"{node.arg}: {kind}"
    kind = re.sub(r" \| (?:None|Omit)\b", "", kind)
    return f"{node.arg}: {kind} = …"
