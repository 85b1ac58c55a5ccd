"""What runs are given: SDKs, and where their servers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mcp_sdkgen_codemode.catalog import Sdk
from mcp_sdkgen_runtime.config.binding import Binding

if TYPE_CHECKING:
    from ..report import ServerReport


@dataclass(frozen=True)
class Provisioned:
    """What runs need: `sdks`, the `bindings` of their servers by key, and what `failed`.

    `notes` tell the user which SDK was taken where that is not plain.
    """

    sdks: tuple[Sdk, ...] = ()
    bindings: Mapping[str, Binding] = field(default_factory=dict, repr=False)
    failed: tuple[ServerReport, ...] = ()
    notes: tuple[str, ...] = ()
