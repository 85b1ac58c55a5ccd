"""A snapshot → all files of an SDK: a pure function."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mcp_sdkgen_runtime.schema.definitions import LOCK

from ..diagnostic import Diagnostic
from ..lower import Lowered, lower
from ..snapshot import Snapshot
from .format import layout
from .render import Files, render


@dataclass(frozen=True)
class Generated:
    """An SDK in memory.

    `files` maps paths relative to the SDK's folder to their text. `slug` is the folder's name,
    `package` the import name, `methods` the (wire name, method name) of every tool in order.
    """

    files: Files
    diagnostics: tuple[Diagnostic, ...]
    lowered: Lowered

    @property
    def slug(self) -> str:
        """The folder's name, and the distribution's without `-sdk`."""
        return self.lowered.server.slug

    @property
    def package(self) -> str:
        """The import name."""
        return self.lowered.server.package

    @property
    def version(self) -> str:
        """The SDK's version."""
        return self.lowered.server.version.strip('"')

    @property
    def methods(self) -> tuple[tuple[str, str], ...]:
        """The wire name and the method name of every tool, in order."""
        return tuple((one.draft.tool.name, one.draft.method) for one in self.lowered.tools)


def generate(snapshot: Snapshot, *, untyped: Collection[str] = ()) -> Generated:
    """All files of the SDK for `snapshot`: the same bytes for the same snapshot.

    `untyped` has the method names of tools to leave untyped. Never raises for what a server says:
    findings are in `diagnostics`.
    """
    lowered = lower(snapshot, untyped)
    files = layout(render(lowered.server))
    files[f"{lowered.server.package}/{LOCK}"] = snapshot.dumps()
    return Generated(dict(sorted(files.items())), lowered.diagnostics, lowered)
