"""What was approved for ever: signed records, each for a tool of one server in one place."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from mcp_sdkgen_runtime.files import replacing

from .approval_record import ApprovalKey, ApprovalRecord, CallToApprove, user_key

_FORMAT = "mcp-sdkgen/approvals/2"


class ApprovalStore:
    """A small file (mode 0600) of tools that need no approval as long as they stay the same.

    A file that is missing is empty, and so is one of the first format, whose approvals were for a
    server's name and not for where it is. One that cannot be read, or that is not the user's own,
    approves nothing and is not overwritten: `add` raises `OSError` then. `key` signs the records,
    the user's if it is left out; a record with another signature counts for nothing.
    """

    def __init__(self, path: Path, key: ApprovalKey | None = None) -> None:
        self.path = path
        self.key = key or user_key()

    def find(self, call: CallToApprove) -> ApprovalRecord | None:
        """The approval for ever of this call's tool."""
        try:
            for record in self._read():
                if record.scope == "always" and record.fits(call, "") and self.key.verifies(record):
                    return record
        except OSError:
            return None
        return None

    def add(self, record: ApprovalRecord) -> None:
        """Keep an approval for ever. Raises `OSError` when that is not possible."""
        kept = [one for one in self._read() if one.covers != record.covers]
        records = [one.as_json() for one in (*kept, record)]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"format": _FORMAT, "approved": records}, indent=1)
        with replacing(self.path) as file:
            file.write(text.encode())

    def _read(self) -> list[ApprovalRecord]:
        try:
            found = self.path.lstat()
            if hasattr(os, "getuid") and not (
                stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid()
            ):
                raise OSError(f"{self.path}: not a file of this user's own")
            data = json.loads(self.path.read_text(encoding="utf-8"))
            if "format" not in data:
                return []
            if data["format"] != _FORMAT:
                raise ValueError(f"unknown format {str(data['format'])[:40]!r}")
            read = [ApprovalRecord.read(one) for one in data["approved"]]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OSError(f"{self.path}: not a list of approvals: {error}") from None
        return [one for one in read if one is not None]
