"""mypy's builds: a plain one for a single text, a fine-grained one that is kept warm for many.

They live in the checker's own process, never in the host's. The only importer of mypy, with its
plugin. Programs are one module that is replaced again and again; all that they may import is loaded
once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import DatabaseError

from mypy.build import BuildResult, build
from mypy.errorcodes import UNUSED_AWAITABLE
from mypy.fscache import FileSystemCache
from mypy.modulefinder import BuildSource
from mypy.nodes import (
    CallExpr,
    Expression,
    GeneratorExpr,
    MemberExpr,
    MypyFile,
    StrExpr,
    TypeInfo,
)
from mypy.options import Options
from mypy.server.update import FineGrainedBuildManager
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    TypedDictType,
    UnionType,
    get_proper_type,
)

from .mypy_cache import cache_folder, complete, empty, note_complete, state_of
from .plugin.further_keys import FurtherKeys
from .shapes import ANY, FIXED_TUPLE, FUNCTION, NONE, OTHER, UNION, Shape, Span, Typed

PROGRAM = "program.py"
PLAIN_BUILDS = 2
"""How many texts are read by builds of their own: more take longer than making it warm."""
MAX_DEPTH = 6
"""Types within types that are looked at."""

# Each of these codes finds fault with what runs well, and says nothing of a call.
QUIET = (
    "annotation-unchecked",
    "empty-body",
    "func-returns-value",
    "has-type",
    "import-untyped",
    "method-assign",
    "no-redef",
    "override",
    "prop-decorator",
    "return",
    "safe-super",
    "str-bytes-safe",
    "top-level-await",
    "valid-type",
    "var-annotated",
)
# What programs commonly import. Other modules of the standard library load when first needed.
USUAL = """
__future__ abc argparse array asyncio base64 bisect calendar collections contextlib copy csv
dataclasses datetime decimal difflib enum fractions functools hashlib heapq html inspect io
itertools json logging math operator os pathlib pprint queue random re secrets shutil
statistics string subprocess sys tempfile textwrap threading time traceback types typing
typing_extensions unicodedata urllib.parse uuid warnings zoneinfo concurrent.futures
"""

_NO_ATTRIBUTE = re.compile(r'Module (?:"[\w.]+" )?has no attribute "(\w+)"')
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LINE = re.compile(
    r"(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): "
    r"(?P<kind>error|note): (?P<message>.*?)(?:  \[(?P<code>[a-z0-9-]+)\])?$"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One error or note of mypy's. Lines and columns count from 1, columns as mypy counts them."""

    line: int
    column: int
    message: str
    code: str
    is_error: bool = True


class Engine:
    """A build, warm from the second text on. Use it in the folder where it was made, and from one
    thread.

    `modules` are the third-party modules that a program may import; what others they import is not
    followed. `search` are the folders where modules are found, besides the standard library.
    `further` are the classes that take keys which they do not name, as `Surface` has them. With
    `once`, few texts are expected: the first are read by plain builds, if the cache has all that
    they may import, and only more of them make it warm.
    """

    def __init__(
        self,
        modules: Iterable[str],
        search: Iterable[str],
        cache: Path,
        further: Mapping[str, str],
        *,
        once: bool = False,
    ) -> None:
        self._modules = sorted(modules)
        self._further = further
        self._cache = cache
        self._files = FileSystemCache()
        self._warm: FineGrainedBuildManager | None = None
        self._types: dict[Expression, Type] = {}
        self._known: dict[str, MypyFile] = {}
        self._read: tuple[str, list[Found]] | None = None
        sys.path[:] = list(search)  # mypy asks this very process where modules are
        self._plain_builds = PLAIN_BUILDS if once and self._is_cached() else 0
        if not self._plain_builds:
            self._warmed()

    def _is_cached(self) -> bool:
        with cache_folder(self._cache, self._parts) as folder:
            return complete(folder, self._modules)

    @property
    def _parts(self) -> list[str]:
        return [*self._modules, *sys.path]

    def _warmed(self) -> FineGrainedBuildManager:
        if self._warm is not None:
            return self._warm
        usual = "".join(f"import {name}\n" for name in [*USUAL.split(), *self._modules])
        Path(PROGRAM).write_text(usual)
        with cache_folder(self._cache, self._parts) as folder:
            try:
                self._warm = self._made_warm(folder, usual)
            except Exception:  # whatever mypy makes of a damaged cache; the program is not at fault
                self._warm = None
                empty(folder)
                self._warm = self._made_warm(folder, usual)
        self._warm.manager.options.export_types = True
        self._known = self._warm.manager.modules
        return self._warm

    def _made_warm(self, folder: Path, usual: str) -> FineGrainedBuildManager:
        looks = state_of(self._modules)
        self._build(folder)  # writes the cache that the next one reads
        self._warm = warm = FineGrainedBuildManager(self._build(folder, fine_grained=True))
        state = warm.graph.items()
        stale = [(name, each.xpath) for name, each in state if not each.is_fresh()]
        warm.update(stale, [])
        self._forget()
        self._update(usual + "pass\n")  # loads what is still on disk
        note_complete(folder, looks)
        return warm

    def findings(self, text: str) -> list[Found]:
        """What mypy finds in a program."""
        if self._read is None or self._read[0] != text:
            self._read = None
            self._read = text, self._update(text)
        return self._read[1]

    def types(self, text: str) -> Typed:
        """The types of all expressions of a program.

        mypy's columns are off on lines with characters outside ASCII, so others stand for these.
        """
        self.findings(text if text.isascii() else _NOT_ASCII.sub("_", text))
        found: dict[Span, Type] = {}
        formatted: list[tuple[int, int, Shape]] = []
        for node, kind in self._types.items():
            if node.end_line is None or node.end_column is None:
                if (value := _formatted(node)) is not None:
                    shown = self._types.get(value)
                    formatted.append((value.line, value.column + 1, _shape(shown)))
                continue
            span = (node.line, node.column + 1), (node.end_line, node.end_column + 1)
            if not isinstance(node, GeneratorExpr) or span not in found:
                found[span] = kind
        return Typed({span: _shape(kind) for span, kind in found.items()}, tuple(formatted))

    def attributes(self, name: str) -> frozenset[str]:
        """The names that a class has, by its full name, with all that it inherits; none of a class
        that the last text had nothing to do with."""
        module, _, short = name.rpartition(".")
        entry = self._known[module].names.get(short) if module in self._known else None
        if entry is None or not isinstance(entry.node, TypeInfo):
            return frozenset()
        return frozenset(each for base in entry.node.mro for each in base.names)

    def _update(self, text: str) -> list[Found]:
        if self._warm is None and self._plain_builds:
            self._plain_builds -= 1
            return _read(self._built(text))
        warm = self._warmed()
        Path(PROGRAM).write_text(text, encoding="utf-8")
        warm.manager.all_types.clear()
        lines = warm.update([("__main__", PROGRAM)], [])
        self._types = warm.manager.all_types
        self._forget()
        return [each for each in _read(lines) if not self._is_not_loaded(each)]

    def _is_not_loaded(self, found: Found) -> bool:
        """Whether what a module lacks is a module in it that the program imports, and that the warm
        build has not loaded: nothing is known of it."""
        attribute = _NO_ATTRIBUTE.match(found.message)
        if attribute is None or self._warm is None:
            return False
        program = self._warm.graph["__main__"]
        return any(
            name.endswith(f".{attribute[1]}") and name not in self._known
            for name in (*program.dependencies, *program.suppressed)
        )

    def _built(self, text: str) -> list[str]:
        """What mypy says of a text by itself."""
        with cache_folder(self._cache, self._parts) as folder:
            try:
                result = self._build(folder, text)
            except Exception as error:
                # Of the program, or of the cache, which the next check then looks through.
                empty(folder, all_of_it=isinstance(error, DatabaseError))
                if not isinstance(error, DatabaseError):
                    raise
                result = self._build(folder, text)
            if result.manager.rechecked_modules - {"__main__"}:
                # They are in the cache now; their types would be taken for those of the program.
                result = self._build(folder, text)
        self._types, self._known = result.types, result.manager.modules
        return result.errors

    def _forget(self) -> None:
        self._files.flush()
        if self._warm is not None:
            self._warm.flush_cache()

    def _build(
        self, cache: Path, text: str | None = None, *, fine_grained: bool = False
    ) -> BuildResult:
        """A build of the program's file, or of `text` in its place, whose types are kept."""
        source = BuildSource(PROGRAM, "__main__", text)
        files = self._files if fine_grained else FileSystemCache()
        options = self._options(cache, fine_grained)
        options.export_types = text is not None
        plugin = FurtherKeys(options, self._further)
        return build([source], options, fscache=files, extra_plugins=[plugin])

    def _options(self, cache: Path, fine_grained: bool) -> Options:
        options = Options()
        options.python_executable = sys.executable
        options.cache_dir = str(cache)
        options.cache_fine_grained = True
        options.fine_grained_incremental = options.use_fine_grained_cache = fine_grained
        options.local_partial_types = True
        options.raise_exceptions = True
        options.show_column_numbers = True
        options.error_summary = False
        options.allow_redefinition = True
        options.implicit_optional = True
        options.check_untyped_defs = True
        options.strict_equality = True
        options.extra_checks = True
        options.enable_error_code = [UNUSED_AWAITABLE.code]
        options.disable_error_code = list(QUIET)
        options.process_error_codes(error_callback=_refuse)
        options.follow_imports = "skip"
        for name in self._modules:
            for pattern in (name, f"{name}.*"):
                options.per_module_options[pattern] = {"follow_imports": "normal"}
        return options


def _read(lines: Iterable[str]) -> list[Found]:
    """What mypy says of the program."""
    matches = (_LINE.fullmatch(line) for line in lines)
    return [
        Found(
            int(match["line"]),
            int(match["column"]),
            match["message"],
            match["code"] or "misc",
            match["kind"] == "error",
        )
        for match in matches
        if match and match["path"] == PROGRAM
    ]


def _formatted(node: Expression) -> Expression | None:
    """What a replacement field of an f-string shows: mypy reads it as a call of `str.format`."""
    match node:
        case CallExpr(callee=MemberExpr(expr=StrExpr(line=-1), name="format"), args=[value, *_]):
            return value
    return None


def _shape(kind: Type | None, depth: int = MAX_DEPTH) -> Shape:
    if kind is None or depth == 0:
        return OTHER
    proper = get_proper_type(kind)
    if isinstance(proper, LiteralType):
        proper = proper.fallback
    if isinstance(proper, TypedDictType):
        proper = proper.fallback
    if isinstance(proper, Instance):
        bases = frozenset(base.fullname for base in proper.type.mro)
        arguments = tuple(_shape(each, depth - 1) for each in proper.args)
        return Shape(proper.type.fullname, arguments, bases)
    if isinstance(proper, UnionType):
        return Shape(UNION, tuple(_shape(each, depth - 1) for each in proper.items))
    if isinstance(proper, TupleType):
        bases = frozenset(base.fullname for base in proper.partial_fallback.type.mro)
        return Shape(FIXED_TUPLE, tuple(_shape(each, depth - 1) for each in proper.items), bases)
    if isinstance(proper, CallableType):
        return Shape(FUNCTION, (_shape(proper.ret_type, depth - 1),))
    if isinstance(proper, NoneType):
        return NONE
    return ANY if isinstance(proper, AnyType) else OTHER


def _refuse(message: str) -> None:
    raise ValueError(message)
