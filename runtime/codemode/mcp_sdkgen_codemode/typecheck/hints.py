"""mypy's words → what a model can act on: the message, and what would be right."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable
from difflib import get_close_matches

from mcp_sdkgen_runtime.catalog.programs import PACKAGE
from mcp_sdkgen_runtime.text import listed, printable, shortened_text

from ..diagnostics import Diagnostic
from .rules import unawaited
from .surface import Method, Surface
from .triage import Mistake

MAX_MESSAGE = 300
MAX_HINT = 500
MAX_NAMES = 12
_ALL = "all are on the page of its SDK, surface.pyi"

_NO_ATTRIBUTE = re.compile(
    r"(?:Item \"(?P<item>.+?)\" of )?\"(?P<owner>.+?)\" has no attribute \"(?P<name>\w+)\""
)
_NO_EXPORT = re.compile(r"Module \"(?P<module>[\w.]+)\" has no attribute \"(?P<name>\w+)\"")
_NO_MODULE = re.compile(r".*module named \"(?P<module>[\w.]+)\"")
_NO_NAME = re.compile(r"Name \"(?P<name>\w+)\" is not defined")
_NO_INDEX = re.compile(r"Value of type \"(?P<owner>.+?)\" is not indexable")
_KEYWORD = re.compile(r"Unexpected keyword argument \"(?P<name>\w+)\" for \"(?P<method>\w+)\"")
_NONE_OPERAND = re.compile(r"Unsupported .*\bNone\b")
_METHOD = re.compile(r"\"(?P<method>\w+)\" of \"(?P<owner>\w+)\"")
_MISSPELT = 0.75
"""How near a name has to be among all that Python has, where `foo` is near to `bool`."""
_CONTENT = ("text", "json", "content", "images", "data")
_MAYBE = re.compile(r"; (?:maybe|did you mean) .*")
_PARAM = re.compile(r"\w+Param\b")
_LITERAL = re.compile(r"Literal\[[^\]]*\]")


class Hints:
    """Explains the mistakes of one program."""

    def __init__(self, surface: Surface, tree: ast.Module) -> None:
        self._surface = surface
        self._tree = tree

    def explain(self, mistake: Mistake, before: int = 0) -> Diagnostic:
        """The diagnostic of one mistake; its line counts from after line `before`."""
        found = mistake.found
        message, hint = self._message_and_hint(mistake, found.message)
        message = _MAYBE.sub("", message)
        return Diagnostic(
            found.line - before,
            found.column,
            found.code,
            printable(shortened_text(message, MAX_MESSAGE)),
            printable(shortened_text(hint, MAX_HINT)),
        )

    def _message_and_hint(self, mistake: Mistake, message: str) -> tuple[str, str]:
        if message.startswith("Module has no attribute "):
            return message, self._client()
        if match := _NO_EXPORT.match(message):
            return message, self._export(match["module"], match["name"])
        if match := _NO_ATTRIBUTE.match(message):
            return self._attribute(message, match["item"] or "", match["owner"], match["name"])
        if match := _NO_MODULE.match(message):
            return f"no module {match['module']!r}", self._submodule(match["module"])
        if match := _NO_NAME.match(message):
            return message, self._undefined(match["name"])
        if message.startswith("Module not callable"):
            return message, self._program_called(mistake.found.line)
        if match := _NO_INDEX.match(message):
            return message, self._reading(match["owner"])
        if message.startswith('Incompatible types in "await"'):
            return message, "only calls of the Async… client are awaited: leave out `await`"
        if message.startswith('Value of type "Coroutine['):
            return unawaited.MESSAGE, unawaited.HINT
        if mistake.found.code == "unused-awaitable":
            if '"Task[' in message:
                return unawaited.TASK, unawaited.HINT_TASK
            return unawaited.GATHERED, unawaited.HINT_GATHERED
        if "must be a mapping" in message or "SupportsKeysAndGetItem" in message:
            return message, self._spreading(message)
        if 'Item "None"' in message or _NONE_OPERAND.match(message):
            return message, "it may be None: check for None first"
        for kind in ("Unstructured", "Coroutine"):
            if f'"{kind}' in message.partition("; expected")[0]:
                return message, self._reading(kind)
        if hint := self._on_class(message):
            return message, hint
        message, hint = self._call(mistake, message)
        return message, hint or self._result(message)

    def _undefined(self, name: str) -> str:
        """What to write for a name that nothing defines: the import of an SDK's client that has
        exactly this name, else one so near that it is most likely misspelt."""
        tops = [top for top, names in self._surface.modules.items() if name in names]
        if tops:
            return f"add: from {tops[0]} import {name}"
        return _nearest(name, self._names(), _MISSPELT)

    def _program_called(self, line: int) -> str:
        """What to write for a saved program that is called as if it were a function."""
        programs = {
            alias.asname or alias.name
            for node in ast.walk(self._tree)
            if isinstance(node, ast.ImportFrom) and node.module == PACKAGE
            for alias in node.names
        }
        called = (node.func for node in ast.walk(self._tree) if isinstance(node, ast.Call))
        for function in called:
            name = function.id if isinstance(function, ast.Name) else ""
            if name in programs and function.lineno == line:
                return f"a saved program is a module: call its main: {name}.main(…)"
        return ""

    def _spreading(self, message: str) -> str:
        """What to write for `**result`."""
        if '"Unstructured"' in message:
            return "spread its data: **result.json()"
        return "a model is no dict: **result.model_dump()" if self._result(message) else ""

    def _result(self, message: str) -> str:
        """How a result that a message speaks of is read, where it is used as something else."""
        given = message.partition("; expected")[0]
        kinds = [name for name in re.findall(r'"(\w+)"', given) if name in self._surface.fields]
        return self._reading(kinds[0]) if kinds else ""

    def _attribute(self, message: str, item: str, owner: str, name: str) -> tuple[str, str]:
        if item == "None":
            message = f'"{name}" is read from a value that may be None ("{owner}")'
            return message, "check for None first"
        kind = _head(item or owner)
        if kind == "Coroutine":
            return message, "await the call first: (await …)." + name
        if kind in self._surface.methods:
            if name in ("__aenter__", "__aexit__"):
                return message, f"`async with Async{kind}() as …` has the calls to await"
            if name in ("__enter__", "__exit__"):
                return message, f"write `async with {kind}() as …`"
            methods = self._surface.methods[kind]
            near = get_close_matches(name, methods, 1, 0.5)
            if near:
                return message, f"did you mean {near[0]}? {methods[near[0]].signature}"
            return message, f"{kind} has: {_listed(methods)}"
        if owner == "tuple[str, Any]":  # what looping over a model gives
            return message, "a model is looped over as pairs; loop over the list that it holds"
        if kind == "dict":
            return message, f'it is a dict: read a key: ["{name}"]'
        if kind == "Callable":
            return message, "it is a method: call it, with parentheses"
        if kind in ("list", "tuple", "Sequence"):
            return message, "it is a list: take an item by index, or loop over it"
        if kind in self._surface.fields and kind != "Unstructured":
            # `.text` and the like are of `Unstructured`, and near to nothing here.
            near_fields = "" if name in _CONTENT else _nearest(name, self._surface.fields[kind])
            return message, near_fields or self._reading(item or owner)
        return message, self._reading(kind)

    def _reading(self, owner: str) -> str:
        kind = _head(owner)
        if kind == "Unstructured":
            return (
                "the tool promises no structure: use .text, or .json() and index that; also "
                ".images, .audio, .resources, .links"
            )
        if kind in ("ResultText", "ObservedText"):
            return "the tool answers a text: if that is JSON, .json() reads it"
        if kind == "Coroutine":
            return "await the call first"
        if fields := self._surface.fields.get(kind):
            further = self._surface.further_of(kind) and "; further keys: .model_extra"
            return f"read attributes of {kind}: {_listed(fields)}{further}"
        return ""

    def _export(self, module: str, name: str) -> str:
        top, _, rest = module.partition(".")
        if rest.startswith("tools.") and name in self._surface.fields:
            return f"did you mean from {top}.types import {name}?"
        if rest == "types":
            known: Iterable[str] = self._surface.fields
        elif rest.startswith("tools.") or rest == "tools":
            known = self._tools(top)
        else:
            known = self._surface.modules.get(top, [])
        exported = self._surface.modules.get(top, [])
        if exported and not rest and name == name.lower():
            return self._exported_client(top, name)
        near = _nearest(name, known)
        return near or (f"{top} has: {_listed(exported)}" if exported and not rest else "")

    def _exported_client(self, top: str, name: str) -> str:
        """How the tools of a package are reached whose client or tool is meant by `name`."""
        client = self._surface.modules[top][-1]
        if get_close_matches(name, [client], 1, 0.7):
            return f"did you mean {client}?"
        if name in self._tools(top):
            return f"{name} is a method: from {top} import {client}, then {client}.{name}(…)"
        return f"the client with the tools is {client}: from {top} import {client}"

    def _on_class(self, message: str) -> str:
        """How a tool is called that is read from the class of a client, not from a client."""
        method, owner = _METHOD.search(message), ""
        if method and message.startswith(('Missing positional argument "self"', "Argument 1 to ")):
            owner = method["owner"]
        if method is None or owner not in self._surface.clients:
            return ""
        if message.startswith("Argument 1 to ") and f'expected "{owner}"' not in message:
            return ""
        called = f"{method['method']}(…)"
        if owner.startswith("Async") and owner.removeprefix("Async") in self._surface.clients:
            return f"{owner} is a class: call a client: async with {owner}() as client"
        names = (each for each in self._surface.modules.values() if owner in each)
        ready = next(names, ["client"])[-1]
        return (
            f"{owner} is a class: call its ready-made client, {ready}.{called}, or an own one: "
            f"with {owner}() as client"
        )

    def _client(self) -> str:
        """How a package is used whose import is meant to be its client."""
        tops = {
            alias.name
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        found = [
            (top, names[-1]) for top in sorted(tops) if (names := self._surface.modules.get(top))
        ]
        return "; ".join(f"from {top} import {name}, then {name}.TOOL(…)" for top, name in found)

    def _submodule(self, module: str) -> str:
        top, _, rest = module.partition(".")
        last = rest.rpartition(".")[2]
        near = get_close_matches(last, self._tools(top), 1, 0.5)
        if near:
            return f"did you mean {top}.tools.{near[0]}?"
        return f"{top} is imported as: {_listed(self._surface.modules.get(top, []))}"

    def _tools(self, package: str) -> set[str]:
        exported = self._surface.modules.get(package, [])
        return {name for each in exported for name in self._surface.methods.get(each, {})}

    def _names(self) -> set[str]:
        bound = {
            node.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for node in ast.walk(self._tree):
            if isinstance(node, ast.alias):
                bound.add(node.asname or node.name.partition(".")[0])
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                bound.add(node.name)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
        return bound | set(vars(builtins))

    def _call(self, mistake: Mistake, message: str) -> tuple[str, str]:
        method = self._method(mistake, message)
        if mistake.values:
            message = f"{', '.join(mistake.values[:3])} is not allowed here; {_allowed(message)}"
        parts = []
        if method and (match := _KEYWORD.match(message)):
            parts.append(_nearest(match["name"], method.arguments))
        if isinstance(mistake.node, ast.Dict):
            parts.append(self._keys(mistake.node, message))
        for name in dict.fromkeys(_PARAM.findall(message)):
            if fields := self._surface.fields.get(name):
                shape = ", ".join(f'"{key}": {kind}' for key, kind in fields.items())
                if further := self._surface.further_of(name):
                    shape += f", and any further keys: {further}"
                parts.append(f"{name} is {{{shape}}};")
        if isinstance(mistake.node, ast.Constant) and isinstance(mistake.node.value, str):
            literals = re.findall(r"'([^']*)'", message.partition("expected")[2])
            parts.append(_nearest(mistake.node.value, literals))
        if method and message.startswith("Too many positional arguments"):
            first = (*method.required, *method.arguments)[:1]
            named = f"{method.name}({first[0]}=…)" if first else f"{method.name}()"
            parts.append(f"name the argument: {named};" if first else "it takes none:")
        if method:
            parts.append(method.signature)
        return message, " ".join(part for part in parts if part).removesuffix(";")

    def _method(self, mistake: Mistake, message: str) -> Method | None:
        if match := _METHOD.search(message):
            return self._surface.methods.get(match["owner"], {}).get(match["method"])
        return None

    def _keys(self, node: ast.Dict, message: str) -> str:
        """Which keys of a dict are missing, and which are not known."""
        for name in _PARAM.findall(message):
            fields = self._surface.fields.get(name)
            given = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            if not fields or len(given) != len(node.keys):
                continue
            extra = [str(key) for key in given if key not in fields]
            if self._surface.further_of(name):
                extra = []
            missing = [
                key
                for key, kind in fields.items()
                if key not in given and "NotRequired" not in kind
            ]
            mistakes = [f"missing key {listed(missing, MAX_NAMES)};"] if missing else []
            for key in extra[:3]:
                mistakes.append(f"unknown key {key!r}: {_nearest(key, fields) or 'leave it out'};")
            return " ".join(mistakes)
        return ""


def _allowed(message: str) -> str:
    literals = _LITERAL.findall(message)
    return f"expected {literals[-1]}" if literals else message


def _head(kind: str) -> str:
    kind = kind.removeprefix("type[")
    return kind.partition("[")[0].rpartition(".")[2].strip('"]')


def _nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    near = get_close_matches(name, sorted(known), 1, cutoff) if len(name) > 2 else []
    return f"did you mean {near[0]}?" if near and near[0] != name else ""


def _listed(names: Iterable[str]) -> str:
    return listed(names, MAX_NAMES, _ALL)
