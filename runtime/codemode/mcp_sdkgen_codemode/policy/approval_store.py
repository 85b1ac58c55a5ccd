"""What was approved for ever, and which approvals of single calls were used."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from mcp_sdkgen_runtime.files import (
    data_folder,
    lock_beside,
    make_private,
    read_own,
    replacing,
)

from .approval_record import HOLDS_S, ApprovalKey, ApprovalRecord, CallToApprove, user_key
from .plain_text import plain

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
        self._read_last: tuple[os.stat_result, list[ApprovalRecord]] | None = None

    def beside(self, suffix: str) -> ApprovalStore:
        """The store of somebody else in the same folder, with the same key."""
        if not suffix:
            return self
        return ApprovalStore(self.path.with_stem(self.path.stem + suffix), self.key)

    def find(self, call: CallToApprove) -> ApprovalRecord | None:
        """The approval for ever of this call's tool, if the file has one now: a run asks for each
        call, and the file is read again only when it is another."""
        try:
            for record in self._read():
                if record.scope == "always" and record.fits(call, "") and self.key.verifies(record):
                    return record
        except OSError:
            return None
        return None

    def add(self, record: ApprovalRecord) -> None:
        """Keep an approval for ever. Raises `OSError` when that is not possible."""
        with lock_beside(self.path):
            kept = [one for one in self._read() if one.covers != record.covers]
            self._write([*kept, record])

    def _write(self, records: Sequence[ApprovalRecord]) -> None:
        make_private(self.path.parent)
        approved = [one.as_json() for one in records]
        text = json.dumps({"format": _FORMAT, "approved": approved}, indent=1)
        with replacing(self.path) as file:
            file.write(text.encode())

    def all(self) -> list[ApprovalRecord]:
        """All approvals for ever that count. Raises `OSError` when the file cannot be read."""
        return [one for one in self._read() if one.scope == "always" and self.key.verifies(one)]

    def forget(self, name: str) -> int:
        """Take back what was approved of the tool that is called `SERVER/TOOL`, or shown so,
        wherever its server was; returns how many approvals that were. Raises `OSError` when that
        is not possible."""
        with lock_beside(self.path):
            found = self._read()
            left = [one for one in found if name not in (one.name, plain(one.name))]
            if len(left) < len(found):
                self._write(left)
            return len(found) - len(left)

    def _read(self) -> list[ApprovalRecord]:
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return []
        if self._read_last is None or not _is_same(self._read_last[0], found):
            self._read_last = found, self._content()
        return self._read_last[1]

    def _content(self) -> list[ApprovalRecord]:
        try:
            data = json.loads(read_own(self.path))
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


def _is_same(before: os.stat_result, now: os.stat_result) -> bool:
    """Whether it is the same file as before, unchanged: another owner or mode is a change too."""
    return all(
        getattr(before, name) == getattr(now, name)
        for name in ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
    )


class SpentApprovals:
    """Which approvals of single calls were used, by any process of this user.

    An approval waits in the journal of its run, which can be copied or put back. So what was used
    is remembered elsewhere: an empty file each, for as long as an approval holds.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def has(self, nonce: str) -> bool:
        """Whether the approval with that nonce was used."""
        return self._path(nonce).exists()

    def add(self, nonce: str) -> bool:
        """Use the approval with that nonce; False if it was used before. Raises `OSError`."""
        path = self._path(nonce)
        make_private(path.parent)
        for old in path.parent.iterdir():
            if old.stat().st_mtime < time.time() - HOLDS_S:
                old.unlink(missing_ok=True)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def _path(self, nonce: str) -> Path:
        folder = self._folder or data_folder() / "spent"
        return folder / hashlib.sha256(nonce.encode()).hexdigest()
