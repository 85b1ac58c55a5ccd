"""A session that answers from a tape, and asks the server only for what is not on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from ..config.targets import Target, secrets_of
from ..content.results import PromptResult, RawResult, ResourceResult
from ..errors import CassetteError
from ..observability.log import logger
from ..options import CallOptions
from ..schema.definitions import digest
from ..text import shortened
from ..types import OMIT
from .cassette import MODE_VARIABLE
from .diff import differences, nearest
from .file import CassetteFile, Interaction, Kind, RecordedCall
from .validation import definitions, misfit

_log = logger(__name__)


class LiveSession(Protocol):
    """What a cassette needs of the session that really reaches the server."""

    @property
    def target(self) -> Target: ...
    async def connect(self) -> None: ...
    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult: ...
    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult: ...
    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult: ...
    def changes(self, uri: str) -> Any: ...


class CassetteSession:
    """One server's calls through a tape. `live` gives the real session when it is needed."""

    def __init__(
        self, server: str, package: str, tape: CassetteFile, live: Callable[[], LiveSession]
    ) -> None:
        self._server = server
        self._package = package
        self._tape = tape
        self._live = live

    async def connect(self) -> None:
        """Connect if every call will need it; else the first one that does will."""
        if self._tape.mode == "record":
            await self._live().connect()

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """The recorded answer, or the server's. Raises `CassetteError` and what sessions raise."""
        asked = self._asked("tool", tool, arguments)
        take = self._found(asked)
        if take is not None:
            content = take.answer.get("content") or []
            structured = take.answer.get("structuredContent", OMIT)
            return RawResult(content, structured, take.is_error)
        live = self._live()
        raw = await live.call(tool, arguments, options=options)
        answer: dict[str, Any] = {"content": raw.content}
        if raw.structured is not OMIT:
            answer["structuredContent"] = raw.structured
        self._keep(asked, answer, live, is_error=raw.is_error)
        return raw

    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """The recorded answer, or the server's."""
        asked = self._asked("prompt", name, arguments)
        take = self._found(asked)
        if take is not None:
            return PromptResult.of(take.answer)
        live = self._live()
        result = await live.get_prompt(name, arguments, options=options)
        messages = [{"role": m.role, "content": m.content} for m in result.messages]
        answer: dict[str, Any] = {"messages": messages}
        if result.description:
            answer["description"] = result.description
        self._keep(asked, answer, live)
        return result

    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult:
        """The recorded answer, or the server's."""
        asked = self._asked("resource", uri, {})
        take = self._found(asked)
        if take is not None:
            return ResourceResult.of(take.answer)
        live = self._live()
        result = await live.read_resource(uri, options=options)
        self._keep(asked, {"contents": [item.wire for item in result.items]}, live)
        return result

    def changes(self, uri: str) -> Any:
        """The server's, for nothing is recorded of changes. Raises `CassetteError` in replay."""
        if self._tape.mode == "replay":
            raise CassetteError(
                f"subscriptions are not recorded, and replay asks nobody: {uri}",
                server=self._server,
            )  # fmt: skip
        return self._live().changes(uri)

    def _asked(self, kind: Kind, name: str, arguments: dict[str, Any]) -> RecordedCall:
        clean = self._tape.redaction
        # Through JSON, as the arguments will come back from the file.
        plain = json.loads(json.dumps(clean.cleaned(arguments)))
        return RecordedCall(
            self._server, kind, clean.text(name) if kind == "resource" else name, plain
        )

    def _found(self, asked: RecordedCall) -> Interaction | None:
        take = self._tape.next(asked)
        if take is None:
            if self._tape.mode == "replay":
                raise self._not_recorded(asked)
            self._tape.check_writable()
            return None
        if wrong := self._misfit(take):
            raise CassetteError(
                f"the call recorded in {self._tape.path}, line {take.line}, is out of date: "
                f"{wrong}. Record it again with {MODE_VARIABLE}=record",
                server=self._server, tool=asked.name, line=take.line,
            )  # fmt: skip
        return take

    def _misfit(self, take: Interaction) -> str:
        known = definitions(self._package)
        if take.asked.kind != "tool" or not known:
            return ""
        return misfit(take, known.get(take.asked.name))

    def _keep(
        self,
        asked: RecordedCall,
        answer: dict[str, Any],
        live: LiveSession,
        *,
        is_error: bool = False,
    ) -> None:
        clean = self._tape.redaction
        secrets = secrets_of(live.target, clean.is_secret)
        if secrets:
            clean = clean.knowing(secrets)
            plain = clean.cleaned(asked.arguments)
            asked = RecordedCall(asked.server, asked.kind, clean.text(asked.name), plain)
        known = definitions(self._package).get(asked.name) if asked.kind == "tool" else None
        try:
            self._tape.add(
                Interaction(asked, clean.cleaned(answer), is_error, digest(known) if known else "")
            )
        except CassetteError as error:
            # The tool has run: its answer is worth more than the recording of it.
            _log.warning("a call was not recorded: %s", error)

    def _not_recorded(self, asked: RecordedCall) -> CassetteError:
        takes = self._tape.takes()
        lines = [f"no recorded call fits, and replay sends nothing. Cassette: {self._tape.path}"]
        lines.append(f"Called with {shortened(asked.arguments, 400)}")
        near = nearest(asked, takes)
        if near is not None:
            lines.append(f"Nearest is line {near.line}, {near.asked.name}:")
            lines += [f"  - {line}" for line in differences(near.asked, asked)]
            if wrong := self._misfit(near):
                lines.append(f"  - {wrong}")
        else:
            names = sorted({f"{t.asked.server}.{t.asked.name}" for t in takes})
            held = ", ".join(map(shortened, names[:8])) or "no calls"
            there = self._tape.path.exists()
            lines.append(f"It has {held}." if there else "There is no such file.")
        lines.append(f"To record what is missing: {MODE_VARIABLE}=auto")
        return CassetteError(
            "\n".join(lines), server=self._server, tool=asked.name,
            line=near.line if near is not None else None,
        )  # fmt: skip
