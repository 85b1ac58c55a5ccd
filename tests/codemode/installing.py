"""SDKs as an environment has them: a package beside the folder with its metadata."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen_runtime.catalog.index import Sdk

from tests.patience import HANG_S

ROOT = Path(__file__).parents[2]


def put(site: Path, package: str, server: str, version: str = "1.0.0") -> Sdk:
    """Metadata for a package that stands in `site`, so that it counts as installed there."""
    name = package.replace("_", "-")
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[mcp_sdkgen.sdks]\n{server} = {package}\n")
    return Sdk(server, package, name, version, site / package)


def showcase(site: Path, server: str) -> Sdk:
    """A showcase SDK, installed into `site`."""
    package = f"{server}_sdk"
    shutil.copytree(ROOT / "generated" / server / package, site / package)
    return put(site, package, server)


def made(site: Path, server: str, tools: list[dict[str, Any]], package: str = "") -> Sdk:
    """The SDK of these tools, installed into `site`."""
    sdk = generate(Snapshot.of(server, tools, package=package))
    for path, text in sdk.files.items():
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return put(site, sdk.package, sdk.slug)


def tool(name: str, description: str = "", **arguments: dict[str, Any]) -> dict[str, Any]:
    """A tool definition."""
    schema = {"type": "object", "properties": arguments}
    return {"name": name, "description": description, "inputSchema": schema}


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, in an environment that also has what is installed in `site`."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(site)},
        cwd=site,
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )


def cli(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, there."""
    return run(site, "-m", "mcp_sdkgen", *arguments)
