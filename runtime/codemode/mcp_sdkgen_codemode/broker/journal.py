"""The journal of a run: what its calls were answered, so that it can be done again and go on.

A run that must wait for a person, or whose host died, is resumed by starting its program afresh
with its journal. Calls are matched by content: server, tool and arguments as canonical JSON, the
first such call with the first such record, and so on, in whatever order the program makes them.

- A call that was answered gets the recorded answer, also when that was a refusal or an error.
- A call that was sent and never answered is sent again if its tool is pinned as read-only or
  idempotent. Otherwise the program is told that it may have run; it is not repeated.
- A call that was waiting for approval is asked about again.
- A call that the program itself cancelled waits to be cancelled again.
- Every other call is new, and waits until all recorded ones have been made again. A program that
  depends on nothing but its answers always makes them first, because only recorded answers led to
  them. One that ends without them, or makes none of them for `patience_s` seconds while a new call
  waits, has diverged (`Diverged`): it asked a clock, drew a random number, or was changed. So
  nothing new is ever sent on behalf of a program that does not repeat its past.

Records are lines of JSON, appended and flushed to the disk before anything depends on them: before
a question is asked, before a call is sent, before the program gets an answer. The file (mode 0600)
holds arguments and answers as they are, with whatever is secret in them. Each record is sealed with
a key of the user's (`journal_file`), so that what somebody else wrote is known as such: then no
approval in it counts. An approval belongs to a run of one program, and to no other.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from mcp_sdkgen_runtime.text import shortened

from ..host_only import NOTHING, HostOnly
from ..policy.approval_record import ApprovalKey, ApprovalRecord, CallToApprove, user_key
from . import journal_file
from .journal_file import JournalError as JournalError
from .journal_file import Record, Seal
from .replies import Reply

_VERSION: Final = 3
_READABLE: Final = (1, 2, _VERSION)
"""Of earlier versions not all was signed, so they count as somebody else's."""
_GRANTING: Final = ("granted", "approved")


class Diverged(Exception):
    """The program does not repeat the run of its journal."""


@dataclass(slots=True)
class Entry:
    """One call in the journal, and what is known of it from before."""

    number: int
    server: str
    tool: str
    arguments: Mapping[str, Any]
    asked: CallToApprove | None = None
    approval: ApprovalRecord | None = None
    sent: bool = False
    cancelled: bool = False
    reply: Reply | None = None

    @property
    def key(self) -> str:
        """By which a call is matched: what it is, whenever it is made."""
        return _key(self.server, self.tool, self.arguments)

    @property
    def named(self) -> str:
        """What is called, as it can be shown: the program has chosen the words."""
        return shortened(f"{self.server}/{self.tool}")

    @property
    def waits(self) -> bool:
        """Whether it waits for approval."""
        decided = self.approval or self.sent or self.reply is not None
        return self.asked is not None and not decided and not self.cancelled


class Journal:
    """The journal of one run, open for writing. No other process can open it meanwhile."""

    def __init__(
        self, path: Path, file: int, head: Mapping[str, Any], patience_s: float, seal: Seal
    ) -> None:
        """Use `create` or `open`."""
        self.path = path
        self.program: str = head["program"]
        self.facts: Mapping[str, Any] = head["facts"]
        self.run = _run(head)
        """What approvals know the run by: its name, and its program."""
        self.approvals: list[ApprovalRecord] = []
        """What was approved for the rest of the run. Whoever uses them verifies them."""
        self.ours = False
        """Whether processes of this user wrote all of it, but for an end that was cut off. If not,
        it has no approvals; `facts` are somebody else's wishes, and answers may be forged."""
        self.ended: str | None = None
        self._file = file
        self._seal = seal
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._entries: list[Entry] = []
        self._recorded: dict[str, deque[Entry]] = {}
        self._left = 0
        self._caught_up = asyncio.Event()

    @classmethod
    def create(
        cls,
        path: Path,
        program: str,
        facts: Mapping[str, Any] | None = None,
        *,
        key: ApprovalKey | None = None,
        patience_s: float = 10.0,
    ) -> Journal:
        """Begin the journal of a new run. `facts` are whatever is needed to set the run up again.

        `key` seals it, the user's if it is left out. Raises `JournalError`, also when the file
        exists.
        """
        head = {"journal": _VERSION, "program": program, "facts": dict(facts or {})}
        head["run"] = secrets.token_hex(16)
        file = journal_file.create(path)
        journal = cls(path, file, head, patience_s, Seal(key or user_key()))
        journal.ours = True
        journal._write(head)
        journal_file.flush_folder(path)
        return journal

    @classmethod
    def open(
        cls, path: Path, *, key: ApprovalKey | None = None, patience_s: float = 10.0
    ) -> Journal:
        """Open the journal of a run that is to go on. Raises `JournalError`.

        A last record that was cut off when its host died is dropped: nothing depends on it.
        """
        file, data = journal_file.reopen(path)
        try:
            found = list(journal_file.records(data, path))
            head = _checked_head(found, path)
            seal = Seal(key or user_key())
            journal = cls(path, file, head, patience_s, seal)
            # All of them, so that what is written now follows the last.
            held = [seal.holds(record) for record in found]
            journal.ours = all(held)
            journal._remember(
                [each for each in found[1:] if journal.ours or each["at"] not in _GRANTING]
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            os.close(file)
            raise JournalError(f"a record is damaged: {error!r}", str(path)) from None
        except BaseException:
            os.close(file)
            raise
        return journal

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    @property
    def waiting(self) -> list[Entry]:
        """The calls that were waiting for approval when the run stopped."""
        return [entry for entry in self._entries if entry.waits]

    @property
    def answers(self) -> int:
        """How many calls have an answer, which the program gets instead of the server's."""
        return sum(entry.reply is not None for entry in self._entries)

    @property
    def behind(self) -> int:
        """How many recorded calls the program has not made again."""
        return self._left

    def claim(self, server: str, tool: str, arguments: Mapping[str, Any]) -> Entry:
        """The entry of a call that the program makes: the recorded one, or a new one."""
        recorded = self._recorded.get(_key(server, tool, arguments))
        if not recorded:
            return Entry(next(self._numbers), server, tool, arguments)
        self._left -= 1
        if not self._left:
            self._caught_up.set()
        return recorded.popleft()

    async def catch_up(self, entry: Entry) -> Reply | None:
        """The recorded answer of a claimed call. None for a call that is to be made now: then the
        program has repeated all of its past. Raises `Diverged`.
        """
        if entry.reply is not None:
            return entry.reply
        if entry.cancelled:
            await asyncio.Event().wait()
        while before := self._left:
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._caught_up.wait()
            except TimeoutError:
                if self._left == before:
                    raise self.diverged(f"calls {entry.named} instead") from None
        return None

    def diverged(self, how: str) -> Diverged:
        """The error for a program that does not make all recorded calls again."""
        names = [entry.named for kept in self._recorded.values() for entry in kept]
        missing = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        return Diverged(
            f"diverged: the program does not repeat the run in {self.path.name}: it {how} and has "
            f"not made {self._left} recorded calls again ({missing}); nothing new was sent"
        )

    async def asking(self, entry: Entry, call: CallToApprove) -> None:
        """A person is about to be asked about this call."""
        if entry.asked != call:
            entry.asked = call
            place = {"binding": call.binding, "definition": call.definition}
            await self._append({**self._identity("asked", entry), **place})

    def approve(self, entry: Entry, approval: ApprovalRecord) -> None:
        """A person has approved this call of a run that is stopped; going on, it is not asked
        about again."""
        entry.approval = approval
        self._write({**self._identity("approved", entry), "approval": approval.as_json()})

    def refuse(self, entry: Entry, reply: Reply) -> None:
        """A person has refused this call of a run that is stopped; `reply` is its answer."""
        entry.reply = reply
        self._write(self._answer(entry, reply))

    async def grant(self, approval: ApprovalRecord) -> None:
        """A tool was approved for the rest of the run."""
        if approval not in self.approvals:
            self.approvals.append(approval)
            await self._append({"at": "granted", "approval": approval.as_json()})

    async def sending(self, entry: Entry) -> None:
        """The call is about to be sent."""
        entry.sent = True
        await self._append(self._identity("sent", entry))

    async def answered(self, entry: Entry, reply: Reply) -> None:
        """The call has its answer, which the program is about to get."""
        entry.reply = reply
        await self._append(self._answer(entry, reply))

    def cancelled(self, entry: Entry) -> None:
        """The program no longer wants the answer of a call that was asked about or sent."""
        if (entry.asked or entry.sent) and entry.reply is None:
            entry.cancelled = True
            self._write(self._identity("cancelled", entry))

    def end(self, status: str) -> None:
        """The run is over, with this status; it cannot be resumed."""
        self.ended = status
        self._write({"at": "ended", "status": status})

    async def _append(self, record: Mapping[str, Any]) -> None:
        await asyncio.to_thread(self._write, record)

    def _write(self, record: Mapping[str, Any]) -> None:
        with self._lock:
            data = self._seal.line(record)
            try:
                while data:
                    data = data[os.write(self._file, data) :]
                os.fdatasync(self._file)
            except OSError as error:
                raise JournalError(error.strerror or "unreadable", str(self.path)) from None

    def _remember(self, records: Sequence[Record]) -> None:
        entries: dict[int, Entry] = {}
        for record in records:
            match record["at"]:
                case "granted":
                    if (approval := ApprovalRecord.read(record.get("approval"))) is not None:
                        self.approvals.append(approval)
                case "ended":
                    self.ended = record["status"]
                case _:
                    entry = entries.setdefault(record["number"], _entry(record))
                    _apply(entry, record)
        self._entries = [entries[number] for number in sorted(entries)]
        for entry in self._entries:
            self._recorded.setdefault(entry.key, deque()).append(entry)
        self._left = len(self._entries)
        self._numbers = count(max(entries, default=0) + 1)

    def _answer(self, entry: Entry, reply: Reply) -> dict[str, Any]:
        answer = {"status": reply.status, "kind": reply.kind, "body": reply.body.decode()}
        message = reply.detail.for_host() or reply.message
        return {**self._identity("answered", entry), **answer, "message": message}

    def _identity(self, at: str, entry: Entry) -> dict[str, Any]:
        return {
            "at": at,
            "number": entry.number,
            "server": entry.server,
            "tool": entry.tool,
            "arguments": entry.arguments,
        }


def journal_path(run: str, folders: Sequence[Path]) -> Path:
    """The journal of a run by its handle: in the first of the folders that has it, else where the
    first would have it."""
    paths = [folder / f"{run}.jsonl" for folder in folders]
    return next((path for path in paths if path.is_file()), paths[0])


def suspended_folders(folder: Path) -> list[Path]:
    """Where suspended runs are: in `folder` those of whoever serves, in folders beside it those of
    the other principals that are served."""
    return [folder, *sorted(folder.parent.glob(f"{folder.name}-{'[0-9a-f]' * 32}"))]


def _checked_head(records: Sequence[Record], path: Path) -> Record:
    head = records[0] if records else {}
    if head.get("journal") not in _READABLE:
        raise JournalError("not a journal of this version of mcp-sdkgen", str(path))
    return {
        "program": _typed(head["program"], str),
        "facts": _typed(head["facts"], dict),
        "run": _typed(head.get("run", ""), str),
    }


def _run(head: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([head["run"], head["program"]]).encode()).hexdigest()


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} in place of {kind.__name__}")
    return value


def _entry(record: Record) -> Entry:
    server, tool = _typed(record["server"], str), _typed(record["tool"], str)
    return Entry(_typed(record["number"], int), server, tool, _typed(record["arguments"], dict))


def _apply(entry: Entry, record: Record) -> None:
    match record["at"]:
        case "asked":
            place = str(record.get("binding", "")), str(record.get("definition", ""))
            entry.asked = CallToApprove(
                place[0], entry.server, entry.tool, place[1], entry.arguments
            )
        case "approved":
            entry.approval = ApprovalRecord.read(record.get("approval"))
        case "sent":
            entry.sent = True
        case "cancelled":
            entry.cancelled = True
        case "answered":
            entry.reply = _reply(record)


def _reply(record: Record) -> Reply:
    status, kind, body, told = (
        _typed(record[name], str) for name in ("status", "kind", "body", "message")
    )
    message = _typed(json.loads(body)["message"], str) if kind == "error" else ""
    detail = NOTHING if told == message else HostOnly(told)
    return Reply(status, kind, body.encode(), message, detail)


def _key(server: str, tool: str, arguments: Mapping[str, Any]) -> str:
    text = json.dumps([server, tool, arguments], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
