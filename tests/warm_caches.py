"""What mypy has learnt of pydantic and the runtime, kept from test to test.

A command with a home of its own would learn it anew, which takes seconds and tests nothing.
"""

from __future__ import annotations

from pathlib import Path

from mcp_sdkgen_runtime.files import cache_folder


def share(cache: Path) -> Path:
    """Let `cache`, for use as `XDG_CACHE_HOME`, have the tester's own caches of mypy in it."""
    folder = cache / "mcp-sdkgen"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("mypy", "check"):
        ours = cache_folder() / name
        ours.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            (folder / name).symlink_to(ours)
    return cache
