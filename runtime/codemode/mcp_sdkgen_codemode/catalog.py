"""What is installed, and what a reader needs of it: read from the packages, never imported."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "mcp_sdkgen.sdks"


@dataclass(frozen=True)
class Sdk:
    """An installed SDK: the slug of its server, its import name, distribution, version, folder."""

    server: str
    package: str
    distribution: str
    version: str
    folder: Path

    @property
    def surface(self) -> str:
        """The whole SDK on one page, in stub syntax. Holds text from the server."""
        return (self.folder / "surface.pyi").read_text(encoding="utf-8")

    @property
    def tools(self) -> tuple[str, ...]:
        """The method names of its tools, sorted."""
        return tuple(sorted(path.stem for path in (self.folder / "docs").glob("*.md")))

    def page(self, tool: str) -> str:
        """The Markdown page of one tool, by method name. Raises `KeyError` for an unknown one."""
        if tool not in self.tools:
            raise KeyError(tool)
        return (self.folder / "docs" / f"{tool}.md").read_text(encoding="utf-8")


def installed() -> tuple[Sdk, ...]:
    """The SDKs in this environment, by server. An SDK whose files are gone is left out."""
    found = (_sdk(entry) for entry in entry_points(group=GROUP))
    return tuple(sorted((sdk for sdk in found if sdk), key=lambda sdk: sdk.server))


def _sdk(entry: EntryPoint) -> Sdk | None:
    spec = find_spec(entry.value)
    if spec is None or spec.origin is None or entry.dist is None:
        return None
    folder = Path(spec.origin).parent
    return Sdk(entry.name, entry.value, entry.dist.name, entry.dist.version, folder)
