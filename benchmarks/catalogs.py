"""SDKs of a whole corpus in a folder, for benchmarks of what a model reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mcp_sdkgen import generate, take_snapshot
from mcp_sdkgen_runtime.catalog.index import Sdk

from benchmarks.measuring import Json, corpus_files, read_tools


@dataclass(frozen=True)
class Built:
    """One saved list and its SDK.

    `name` is the file's name without `.json`, `tools` the list's wire objects, and `wire` gives a
    tool's wire name by its method name.
    """

    name: str
    tools: list[Json]
    sdk: Sdk
    wire: dict[str, str]


def one_list_a_server(corpus: Path) -> list[Path]:
    """The lists of `live/` where a corpus has one, since its other folders repeat the servers."""
    live = corpus / "live"
    return corpus_files(live if live.is_dir() else corpus)


def build_catalog(files: list[Path], out: Path) -> Iterator[Built]:
    """Generate the SDK of each file into a folder of its own below `out`."""
    for file in files:
        made = generate(take_snapshot(file, server=file.stem))
        for path, text in made.files.items():
            target = out / file.stem / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        folder = out / file.stem / made.package
        sdk = Sdk(made.slug, made.package, f"{made.slug}-sdk", made.version, folder)
        wire = {method: wire for wire, method in made.methods}
        yield Built(file.stem, read_tools(file), sdk, wire)
