"""What was approved for ever: tools by server, name and digest of their definition."""

from __future__ import annotations

import json
from pathlib import Path

from mcp_sdkgen_runtime.files import replacing
from mcp_sdkgen_runtime.schema.definitions import with_prefix

from .services import PinnedTool


class ApprovalStore:
    """A small file (mode 0600) of tools that need no approval as long as they stay the same.

    A file that is missing is empty. One that cannot be read approves nothing and is not
    overwritten: `add` raises `OSError` then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def holds(self, tool: PinnedTool) -> bool:
        """Whether this very tool was approved for ever."""
        try:
            return tool.grant in self._read()
        except OSError:
            return False

    def add(self, tool: PinnedTool) -> None:
        """Approve a tool for ever. Raises `OSError` when that cannot be kept."""
        found = {*self._read(), tool.grant}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"approved": [list(key) for key in sorted(found)]}, indent=1)
        with replacing(self.path) as file:
            file.write(text.encode())

    def _read(self) -> set[tuple[str, ...]]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {
                (str(server), str(name), with_prefix(str(digest)))
                for server, name, digest in found["approved"]
            }
        except FileNotFoundError:
            return set()
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OSError(f"{self.path}: not a list of approvals: {error}") from None
