"""What the benchmarks share: the tools they use, the peer they compare with, clocks and tables."""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import datamodel_code_generator as peer
import jsonschema_rs
from datamodel_code_generator.enums import DataModelType
from pydantic_core import SchemaError, SchemaValidator, core_schema
from rich import box
from rich.console import Console
from rich.table import Table

P = ParamSpec("P")
ResultT = TypeVar("ResultT")
Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
FILE_WIDTH = 160
CORPUS_VARIABLE = "MCP_SDKGEN_CORPUS"


@dataclass(frozen=True)
class Spent:
    """What one piece of work took. Both in seconds; `cpu_s` includes child processes."""

    wall_s: float
    cpu_s: float


def spend(work: Callable[[], object]) -> Spent:
    """Run `work` once and say what it took."""
    wall, cpu = time.perf_counter(), _cpu_s()
    work()
    return Spent(time.perf_counter() - wall, _cpu_s() - cpu)


def in_fresh_process(work: Callable[P, ResultT], /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
    """Call `work` in a new interpreter, so that no cache of an earlier measurement is warm."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def default_corpus() -> Path | None:
    """The folder in $MCP_SDKGEN_CORPUS, else `tests/corpus`, else none."""
    if named := os.environ.get(CORPUS_VARIABLE):
        return Path(named)
    inside = ROOT / "tests" / "corpus"
    return inside if inside.is_dir() else None


def add_corpus_option(parser: argparse.ArgumentParser) -> None:
    """Add `--corpus DIR`, a folder of saved tool lists."""
    parser.add_argument(
        "--corpus",
        type=Path,
        default=default_corpus(),
        metavar="DIR",
        help=f"folder of saved tool lists (default: ${CORPUS_VARIABLE} or tests/corpus)",
    )


def corpus_files(folder: Path) -> list[Path]:
    """Every saved tool list below `folder`, sorted."""
    return sorted(folder.rglob("*.json"))


def read_tools(path: Path) -> list[Json]:
    """The tool definitions in a saved list, in the server's order: its wire objects."""
    data = json.loads(path.read_text(encoding="utf-8"))
    tools = data["tools"] if isinstance(data, dict) else data
    return [tool.get("definition", tool) for tool in tools]


def some_tools(corpus: Path | None, count: int) -> list[Json]:
    """`count` tools that both sides of a comparison can do, under names that are all different.

    They come from the corpus, or from the showcase SDKs when there is none, spread evenly over all
    servers. When there are too few, renamed copies follow. The same folder gives the same list.
    """
    files = corpus_files(corpus) if corpus else sorted(ROOT.glob("generated/*/*/snapshot.json"))
    usable = [tool for path in files for tool in read_tools(path) if _is_usable(tool)]
    if not usable:
        raise SystemExit("no tools to measure with: give a folder of tool lists with --corpus")
    step = max(1, len(usable) / count)
    chosen = [usable[int(n * step) % len(usable)] for n in range(count)]
    return [{**tool, "name": f"{tool['name']}_{n}"} for n, tool in enumerate(chosen)]


def schemas_of(tool: Json) -> Iterator[tuple[str, Json]]:
    """The tool's schemas, each with the name of the model that a peer would give it."""
    words = re.findall("[A-Za-z0-9]+", tool["name"])
    stem = "".join(word.capitalize() for word in words)
    for key, ending in (("inputSchema", "Arguments"), ("outputSchema", "Result")):
        if isinstance(tool.get(key), dict):
            yield f"T{stem}{ending}", tool[key]


def peer_module(schema: Json, name: str, **options: Any) -> str:
    """One module of models, made by datamodel-code-generator as its own defaults have it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unknown formats, and other defaults some day
        module = peer.generate(
            json.dumps(schema),
            input_file_type=peer.InputFileType.JsonSchema,
            output_model_type=DataModelType.PydanticV2BaseModel,
            class_name=name,
            **options,
        )
    if not isinstance(module, str):
        raise TypeError(f"{name}: expected one module")
    return module


def eager_module(tools: Iterable[Json]) -> str:
    """All models of all tools in one module, made in one call without formatting."""
    definitions: Json = {}
    for tool in tools:
        for name, schema in schemas_of(tool):
            _hoist(schema, name, definitions)
    # Literals, as our SDKs have them: enum classes would make the peer's import slower still.
    return peer_module(
        {"$defs": definitions}, "Everything", formatters=[], enum_field_as_literal="all"
    )


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; every column but the first is right-aligned. Files get wide lines."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(f"{v:,.3g}" if isinstance(v, float) else str(v) for v in row))
    Console(width=None if sys.stdout.isatty() else FILE_WIDTH).print(table)


def write_json(path: Path | None, facts: Json) -> None:
    """Write the figures where `--json` says; nowhere when it was not given."""
    if path:
        path.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _cpu_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _is_usable(tool: Json) -> bool:
    """Whether the peer can do this tool: valid schemas, plain references, patterns it can build."""
    for _, schema in schemas_of(tool):
        try:
            jsonschema_rs.validator_for(schema, retriever=_refuse)
        except Exception:
            return False
        if any(not r.startswith(("#/$defs/", "#/definitions/")) for r in _found(schema, "$ref")):
            return False
        if not all(_builds(pattern) for pattern in _found(schema, "pattern")):
            return False
    return isinstance(tool.get("inputSchema"), dict)


def _builds(pattern: str) -> bool:
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True


def _found(node: Any, keyword: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == keyword and isinstance(value, str):
                yield value
            yield from _found(value, keyword)
    elif isinstance(node, list):
        for child in node:
            yield from _found(child, keyword)


def _hoist(schema: Json, name: str, definitions: Json) -> None:
    """Add `schema` and its own definitions to `definitions`, all under names that start alike."""
    local = {**(schema.get("definitions") or {}), **(schema.get("$defs") or {})}
    rest = {k: v for k, v in schema.items() if k not in ("$defs", "definitions", "$schema")}
    definitions[name] = _rebased(rest, name)
    for key, definition in local.items():
        definitions[f"{name}{key}"] = _rebased(definition, name)


def _rebased(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_rebased(child, name) for child in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"#/$defs/{name}{value.rsplit('/', 1)[1]}"
        if key == "$ref" and isinstance(value, str)
        else _rebased(value, name)
        for key, value in node.items()
        # Pydantic checks these with a package that is not installed: the module would not import.
        if not (key == "format" and value in ("email", "idn-email"))
    }


def _refuse(uri: str) -> Any:
    raise ValueError(f"reference to another document: {uri}")
