"""What the tests of drift between snapshots share."""

from __future__ import annotations

from typing import Any

from mcp_sdkgen.drift import Change, Drift
from mcp_sdkgen.snapshot import Snapshot


def snapshot(*tools: dict[str, Any], **parts: Any) -> Snapshot:
    return Snapshot.of("weather", tools, **parts)


def one(drift: Drift) -> Change:
    assert len(drift.changes) == 1, drift.changes
    return drift.changes[0]
