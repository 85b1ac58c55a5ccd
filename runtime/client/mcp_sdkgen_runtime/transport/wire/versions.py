"""The versions of the protocol that are spoken here: those of `mcp`, as a test compares."""

from __future__ import annotations

from typing import Final

HANDSHAKE: Final = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Of these a server is greeted; oldest first."""
MODERN: Final = ("2026-07-28",)
"""Of these each request says its version, and any request may be the first one; oldest first."""
