"""The file of a journal: who may write it, and what shows that nobody else did.

Each record is a line of JSON that ends with a digest, keyed with the user's key of approvals, of
the record and of the digest before it. So a record that was changed, put in, left out or brought
from another journal is found, and with it whatever follows. That the end was cut off is not.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from mcp_sdkgen_runtime.files import open_regular
from mcp_sdkgen_runtime.ownership import check_own

from ..host_only import HostOnly
from ..policy.approval_record import ApprovalKey

Record = Mapping[str, Any]

_DIGEST: Final = "digest"


class JournalError(Exception):
    """A journal cannot be made, read or written: `what` is wrong with it, and `where` it is."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{where}: {what}")
        self.what = what
        self.where = HostOnly(where)


class Seal:
    """The digests of the records of one journal, in their order."""

    def __init__(self, key: ApprovalKey) -> None:
        self._key = key
        self._last = ""

    def line(self, record: Record) -> bytes:
        """The next record as a line, with its digest; without one where no key can be kept."""
        self._last = self._of(record)
        sealed = {**record, _DIGEST: self._last}
        return json.dumps(sealed, separators=(",", ":")).encode() + b"\n"

    def holds(self, record: Record) -> bool:
        """Whether the next record of a file is as it was written by this user."""
        plain = {name: value for name, value in record.items() if name != _DIGEST}
        self._last = self._of(plain)
        return self._last == record.get(_DIGEST) != ""

    def _of(self, record: Record) -> str:
        try:
            return self._key.digest([self._last, record])
        except OSError:
            return ""


def create(path: Path) -> int:
    """A new file (mode 0600), seized. Raises `JournalError`."""
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise JournalError(
            "there is a journal already; resume it, or remove it", str(path)
        ) from None
    except OSError as error:
        raise JournalError(error.strerror or "unreadable", str(path)) from None
    _seize(file, path)
    return file


def reopen(path: Path) -> tuple[int, bytes]:
    """A file that is there, seized, and its whole records: what its host was writing when it died
    is dropped. Raises `JournalError`: also for one that others can write to."""
    try:
        with open_regular(path, os.O_RDWR | os.O_APPEND) as opened:
            check_own(opened.fileno(), path)
            file = os.dup(opened.fileno())
    except OSError as error:
        raise JournalError(error.strerror or "unreadable", str(path)) from None
    try:
        # Seized before it is read: another process may still be writing.
        _seize(file, path)
        data = _all(file)
        whole = data.rfind(b"\n") + 1
        os.ftruncate(file, whole)
    except BaseException:
        os.close(file)
        raise
    return file, data[:whole]


def records(data: bytes, path: Path) -> Iterator[Record]:
    """The records in lines. Raises `JournalError`."""
    for number, line in enumerate(data.splitlines(), 1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise JournalError(f"not JSON: {error}", f"{path}, line {number}") from None
        if not isinstance(record, dict):
            raise JournalError("not a record", f"{path}, line {number}")
        yield record


def flush_folder(path: Path) -> None:
    """Put the name of a file on the disk."""
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _all(file: int) -> bytes:
    opened: IO[bytes]
    with os.fdopen(os.dup(file), "rb") as opened:
        opened.seek(0)
        return opened.read()


def _seize(file: int, path: Path) -> None:
    try:
        # Let go by the kernel when the process ends, however that happens.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise JournalError("another process has this run under way", str(path)) from None
