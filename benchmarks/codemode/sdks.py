"""The SDKs of the servers: built once, read as sources, and imported to decode results."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mcp_sdkgen
from mcp_sdkgen_runtime import RawResult, Tool
from mcp_sdkgen_runtime.tool.codec import decode

from benchmarks.packages import Method, Package, read_package

from .tasks import Json


@dataclass(frozen=True)
class Sdk:
    """One SDK: its server's key, the package, and its methods by the tools' wire names."""

    server: str
    package: Package
    methods: Mapping[str, Method]

    @property
    def surface(self) -> str:
        """The whole SDK on one page."""
        return (self.package.folder / "surface.pyi").read_text(encoding="utf-8")

    @property
    def definitions(self) -> tuple[Json, ...]:
        """The tools as the server lists them."""
        return tuple(self.package.definition(method) for method in self.methods.values())

    def tool(self, name: str) -> Tool[Any]:
        """The generated description of one tool."""
        module = self.methods[name].module
        found: Tool[Any] = importlib.import_module(f"{self.package.name}.tools.{module}").TOOL
        return found

    def decode(self, tool: str, raw: RawResult) -> Any:
        """A result as a program sees it. Raises what the SDK raises."""
        return decode(self.tool(tool), raw)


def build(bindings: Mapping[str, Any], out: Path) -> dict[str, Sdk]:
    """Build an SDK for every server in `bindings` below `out`, and make them importable.

    Raises `RuntimeError` that names the servers whose SDK could not be built.
    """
    out.mkdir(parents=True, exist_ok=True)
    entries = {
        name: {"url": binding} if isinstance(binding, str) else binding
        for name, binding in bindings.items()
    }
    config = out / "mcp.json"
    config.write_text(json.dumps({"mcpServers": entries}), encoding="utf-8")
    report = mcp_sdkgen.build(config, out=out, make_wheels=False, run_check=False, update=True)
    failed = [f"{each.server}: {each.error}" for each in report.servers if each.error]
    if failed:
        raise RuntimeError("; ".join(failed))
    found = {name: load(name, out / name) for name in bindings}
    sys.path += [str(out / name) for name in bindings if str(out / name) not in sys.path]
    return found


def load(server: str, folder: Path) -> Sdk:
    """The SDK whose sources stand in `folder`."""
    package = read_package(folder)
    methods = {package.definition(method)["name"]: method for method in package.methods}
    return Sdk(server, package, dict(sorted(methods.items())))


def fillers(corpus: Path, out: Path) -> list[Sdk]:
    """SDKs of the saved tool lists below `corpus`: tools that no task needs, by server."""
    lists = sorted((corpus / "live" if (corpus / "live").is_dir() else corpus).glob("*.json"))
    report = mcp_sdkgen.build(lists, out=out, make_wheels=False, run_check=False)
    built = [each for each in report.servers if each.tools]
    return [load(each.server, out / each.slug) for each in sorted(built, key=lambda s: s.slug)]
