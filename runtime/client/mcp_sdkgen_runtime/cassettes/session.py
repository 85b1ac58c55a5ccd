"""A session that answers from a cassette, and asks the server only for what is not in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from ..content.answer import read_answer
from ..content.results import PromptResult, RawResult, ResourceResult
from ..errors import CassetteError
from ..observability.log import logger
from ..observability.secret_set import SecretSet
from ..options import CallOptions
from ..schema.definitions import digest
from ..text import shortened
from .cassette import MODE_VARIABLE
from .diff import differences, nearest
from .file import CassetteFile, Interaction, Kind, RecordedCall
from .validation import definitions, misfit

_log = logger(__name__)


class LiveSession(Protocol):
    """What a cassette needs of the session that really reaches the server."""

    @property
    def secrets(self) -> SecretSet: ...
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
    """One server's calls through a cassette. `live` gives the real session when it is needed."""

    def __init__(
        self, server: str, package: str, file: CassetteFile, live: Callable[[], LiveSession]
    ) -> None:
        self._server = server
        self._package = package
        self._file = file
        self._live = live

    async def connect(self) -> None:
        """Connect if every call will need it; else the first one that does will."""
        if self._file.mode == "record":
            await self._live().connect()

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """The recorded answer, or the server's. Raises `CassetteError` and what sessions raise."""
        call = self._as_recorded("tool", tool, arguments)
        interaction = self._recorded(call)
        if interaction is not None:
            return replace(read_answer(interaction.answer), is_error=interaction.is_error)
        live = self._live()
        raw = await live.call(tool, arguments, options=options)
        # Whether it is an error stands beside the answer.
        answer = {key: value for key, value in raw.as_json().items() if key != "isError"}
        self._keep(call, answer, live, is_error=raw.is_error)
        return raw

    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """The recorded answer, or the server's."""
        call = self._as_recorded("prompt", name, arguments)
        interaction = self._recorded(call)
        if interaction is not None:
            return PromptResult.of(interaction.answer)
        live = self._live()
        result = await live.get_prompt(name, arguments, options=options)
        self._keep(call, result.as_json(), live)
        return result

    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult:
        """The recorded answer, or the server's."""
        call = self._as_recorded("resource", uri, {})
        interaction = self._recorded(call)
        if interaction is not None:
            return ResourceResult.of(interaction.answer)
        live = self._live()
        result = await live.read_resource(uri, options=options)
        self._keep(call, result.as_json(), live)
        return result

    def changes(self, uri: str) -> Any:
        """The server's, for nothing is recorded of changes. Raises `CassetteError` in replay."""
        if self._file.mode == "replay":
            raise CassetteError(
                f"subscriptions are not recorded, and replay asks nobody: {uri}",
                server=self._server,
            )  # fmt: skip
        return self._live().changes(uri)

    def _as_recorded(self, kind: Kind, name: str, arguments: dict[str, Any]) -> RecordedCall:
        clean = self._file.redaction
        # Through JSON, as the arguments will come back from the file.
        plain = json.loads(json.dumps(clean.cleaned(arguments)))
        return RecordedCall(
            self._server, kind, clean.text(name) if kind == "resource" else name, plain
        )

    def _recorded(self, call: RecordedCall) -> Interaction | None:
        interaction = self._file.next(call)
        if interaction is None:
            if self._file.mode == "replay":
                raise self._not_recorded(call)
            self._file.check_writable()
            return None
        if wrong := self._misfit(interaction):
            raise CassetteError(
                f"the call recorded in {self._file.path}, line {interaction.line}, is out of date: "
                f"{wrong}. Record it again with {MODE_VARIABLE}=record",
                server=self._server, tool=call.name, line=interaction.line,
            )  # fmt: skip
        return interaction

    def _misfit(self, interaction: Interaction) -> str:
        known = definitions(self._package)
        if interaction.call.kind != "tool" or not known:
            return ""
        return misfit(interaction, known.get(interaction.call.name))

    def _keep(
        self,
        call: RecordedCall,
        answer: dict[str, Any],
        live: LiveSession,
        *,
        is_error: bool = False,
    ) -> None:
        clean = self._file.redaction
        if live.secrets.values:
            clean = clean.knowing(live.secrets)
            plain = clean.cleaned(call.arguments)
            call = RecordedCall(call.server, call.kind, clean.text(call.name), plain)
        known = definitions(self._package).get(call.name) if call.kind == "tool" else None
        try:
            self._file.add(
                Interaction(call, clean.cleaned(answer), is_error, digest(known) if known else "")
            )
        except CassetteError as error:
            # The tool has run: its answer is worth more than the recording of it.
            _log.warning("a call was not recorded: %s", error)

    def _not_recorded(self, call: RecordedCall) -> CassetteError:
        interactions = self._file.interactions()
        lines = [f"no recorded call fits, and replay sends nothing. Cassette: {self._file.path}"]
        lines.append(f"Called with {shortened(call.arguments, 400)}")
        near = nearest(call, interactions)
        if near is not None:
            lines.append(f"Nearest is line {near.line}, {near.call.name}:")
            lines += [f"  - {line}" for line in differences(near.call, call)]
            if wrong := self._misfit(near):
                lines.append(f"  - {wrong}")
        else:
            names = sorted({f"{t.call.server}.{t.call.name}" for t in interactions})
            held = ", ".join(map(shortened, names[:8])) or "no calls"
            there = self._file.path.exists()
            lines.append(f"It has {held}." if there else "There is no such file.")
        lines.append(f"To record what is missing: {MODE_VARIABLE}=auto")
        return CassetteError(
            "\n".join(lines), server=self._server, tool=call.name,
            line=near.line if near is not None else None,
        )  # fmt: skip
