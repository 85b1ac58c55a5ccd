"""An approval as an object: for exactly one call, signed with a key of the user's.

A call is known by a digest of the server's binding, the tool's definition and the arguments as they
will be sent. A record says which call was approved, how far that reaches, who answered, when, and
until when it holds. Its signature (HMAC-SHA256) keeps a file from somewhere else, or one that was
changed, from granting anything.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from mcp_sdkgen_runtime.files import data_folder, own_secret
from pydantic import TypeAdapter, ValidationError

Scope: TypeAlias = Literal["once", "run", "always"]
"""`once`: one call. `run`: a tool for the rest of a run. `always`: a tool until it changes."""

HOLDS_S: Final = 7 * 24 * 3600.0
"""How long an approval of a single call waits to be used."""
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class CallToApprove:
    """One call as it will be sent. `binding` is the digest of where its server is."""

    binding: str
    server: str
    tool: str
    definition: str
    arguments: Mapping[str, Any]

    @cached_property
    def tool_digest(self) -> str:
        """SHA-256 of everything but the arguments: the tool, of one server in one place."""
        return _digest([self.binding, self.server, self.tool, self.definition])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole call."""
        return _digest([self.tool_digest, self.arguments])


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """A person's yes to a call, or to a tool. Times are seconds since the epoch.

    `covers` is the digest of the call for the scope `once`, else of the tool. `nonce` is that of
    the question, `run` the run that it was asked in; an approval with the scope `always` holds in
    every run. `answered_by` names who was asked: a terminal, an MCP client, a callback.
    """

    nonce: str
    run: str
    scope: Scope
    covers: str
    server: str
    tool: str
    answered_by: str
    answered_at: float
    expires_at: float | None
    signature: str = ""

    @classmethod
    def read(cls, value: Any) -> ApprovalRecord | None:
        """A record from its JSON form; None for anything else. It is not verified."""
        try:
            return TypeAdapter(cls).validate_json(json.dumps(value), strict=True)
        except (ValidationError, TypeError, ValueError):
            return None

    @property
    def name(self) -> str:
        """What a person calls its tool: `SERVER/TOOL`."""
        return f"{self.server}/{self.tool}"

    def as_json(self) -> dict[str, Any]:
        """Its JSON form."""
        return asdict(self)

    def fits(self, call: CallToApprove, run: str) -> bool:
        """Whether it is for this call of this run, its signature apart."""
        if self.expires_at is not None and time.time() > self.expires_at:
            return False
        if self.run != ("" if self.scope == "always" else run):
            return False
        return self.covers == (call.digest if self.scope == "once" else call.tool_digest)


class ApprovalKey:
    """The key that approvals are signed with: one for each user, in a file of mode 0600.

    Without a path it is made for this process and kept nowhere.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def sign(self, record: ApprovalRecord) -> ApprovalRecord:
        """The record with its signature. Raises `OSError` when the key cannot be read or made."""
        return replace(record, signature=self._signature(record))

    def verifies(self, record: ApprovalRecord) -> bool:
        """Whether the record was signed with this key. Raises `OSError`."""
        return hmac.compare_digest(self._signature(record).encode(), record.signature.encode())

    def digest(self, value: Any) -> str:
        """A keyed digest of a JSON value: secrets in it cannot be guessed from it."""
        return hmac.new(self._bytes, _canonical(value), hashlib.sha256).hexdigest()

    def _signature(self, record: ApprovalRecord) -> str:
        return self.digest(replace(record, signature="").as_json())

    @cached_property
    def _bytes(self) -> bytes:
        if self._path is None:
            return secrets.token_bytes(_KEY_BYTES)
        return _key(self._path)


def record(
    nonce: str, run: str, scope: Scope, call: CallToApprove, answered_by: str
) -> ApprovalRecord:
    """An unsigned approval. That of one call holds for `HOLDS_S` seconds."""
    now = time.time()
    return ApprovalRecord(
        nonce=nonce,
        run="" if scope == "always" else run,
        scope=scope,
        covers=call.digest if scope == "once" else call.tool_digest,
        server=call.server,
        tool=call.tool,
        answered_by=answered_by,
        answered_at=now,
        expires_at=now + HOLDS_S if scope == "once" else None,
    )


def user_key() -> ApprovalKey:
    """The key of whoever runs this process."""
    return ApprovalKey(data_folder() / "approval.key")


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _digest(value: Any) -> str:
    return hashlib.sha256(_canonical(value)).hexdigest()


def _key(path: Path) -> bytes:
    """The key in a file that is the user's own. Raises `OSError` for any other file."""
    key = own_secret(path, lambda: secrets.token_bytes(_KEY_BYTES))
    if len(key) != _KEY_BYTES:
        raise OSError(f"{path}: not a signing key for approvals; delete the file to make a new key")
    return key
