"""`mcp-sdkgen demo`"""

from __future__ import annotations


def demo() -> int:
    """Build SDKs of real servers, and run a program that calls them all."""
    raise NotImplementedError
