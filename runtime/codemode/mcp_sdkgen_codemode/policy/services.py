"""What stands behind the broker: servers, each with a session of the host's and pinned tools."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime import BindingError, LazySession, SessionOptions
from mcp_sdkgen_runtime.config.targets import MemoryTarget, StdioTarget
from mcp_sdkgen_runtime.schema.definitions import digest, shipped_definitions
from mcp_sdkgen_runtime.schema.validation import Check, compiled

from .approval_record import ApprovalKey

Definition = Mapping[str, Any]


class PinnedTool:
    """A tool as its SDK knows it: what policy and the check of arguments go by.

    What the live server says now counts only where it is worse (`live_annotations`), so that it
    cannot talk itself into more.
    """

    def __init__(self, server: str, definition: Definition) -> None:
        self.server = server
        self.name = str(definition["name"])
        self.definition = definition
        self.live_annotations: Mapping[str, Any] | None = None

    @property
    def annotations(self) -> Mapping[str, Any]:
        """The server's hints at the time of the snapshot, under their wire keys."""
        found = self.definition.get("annotations")
        return found if isinstance(found, Mapping) else {}

    @property
    def repeatable(self) -> bool:
        """Whether calling twice does no more than calling once, by its annotations."""
        hints = self.annotations
        return hints.get("readOnlyHint") is True or hints.get("idempotentHint") is True

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition: an approval for ever is for this very tool."""
        return digest(self.definition)

    @cached_property
    def check(self) -> Check | None:
        """The exact check of arguments. None when no validator can be made of the schema.

        It raises where the validator cannot judge.
        """
        return compiled(self.definition.get("inputSchema"), certain=True)


@dataclass(frozen=True)
class Service:
    """One server behind the broker: the session that reaches it, and its pinned tools by name."""

    session: Any
    tools: Mapping[str, PinnedTool] = field(default_factory=dict)

    def binding(self, key: ApprovalKey) -> str:
        """A digest of where the server is: what is started or asked, and with what credentials.

        A session without a target, which is a host's own object, is known by its type.
        """
        try:
            target = self.session.bound()
        except AttributeError:
            return key.digest(type(self.session).__qualname__)
        except BindingError:
            return key.digest(None)  # nothing can be sent, except by a cassette
        if isinstance(target, MemoryTarget):
            return key.digest(type(target.server).__qualname__)
        facts = {**asdict(target), "kind": type(target).__name__}
        if isinstance(target, StdioTarget):
            facts["cwd"] = str(Path(target.cwd or "").absolute())
        return key.digest(json.loads(json.dumps(facts, default=repr)))

    @classmethod
    def of(cls, server: str, session: Any, definitions: Mapping[str, Definition]) -> Service:
        """A service from a session with an async `call`, and tool definitions by wire name."""
        return cls(session, {name: PinnedTool(server, one) for name, one in definitions.items()})

    @classmethod
    def of_package(
        cls, server: str, package: str, binding: Any = None, options: SessionOptions | None = None
    ) -> Service:
        """The service for an importable SDK. It connects at its first call, with all the host has:
        bindings, secrets, logins. `options` are the host's; nothing of them reaches a guest.
        """
        session = LazySession(server, binding, options, package)
        return cls.of(server, session, shipped_definitions(package))
