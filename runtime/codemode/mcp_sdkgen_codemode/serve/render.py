"""An outcome as an answer of MCP: what the model is told, data, and files as content.

Whatever a program, a server or a file name says stands between tags that it cannot close.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any, Final

from mcp_sdkgen_runtime.text import printable
from mcp_types import (
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel

from ..diagnostics import Diagnostic
from ..outcome import Call, Outcome
from ..prompting.outcome_text import Report, report
from ..prompting.outputs import IMAGES, Outputs, StoredOutput
from ..prompting.prompt import fence
from .schemas import CallMade, Cut, FileLeft, Finding, Raised, RunResult

SHOWN_CALLS: Final = 50
INLINE_BYTES: Final = 1 << 20
"""Bytes of files that an answer carries as content. Others are linked to."""
INLINE_TEXT_BYTES: Final = 8 << 10
"""A text file that is larger is linked to, and read in parts."""
SCHEME: Final = "code-mode://outputs/"


def answer(
    text: str, data: BaseModel, *content: ContentBlock, is_error: bool = False
) -> CallToolResult:
    """A tool's answer: `text` to read, `data` for machines, further content."""
    return CallToolResult(
        content=[TextContent(type="text", text=text), *content],
        structured_content=data.model_dump(mode="json"),
        is_error=is_error,
    )


def findings(diagnostics: Iterable[Diagnostic]) -> list[Finding]:
    """Diagnostics as data."""
    return [Finding(**each.as_json()) for each in diagnostics]


def run_answer(
    outcome: Outcome,
    outputs: Outputs,
    notes: Sequence[str],
    *,
    session: str | None = None,
    run: str | None = None,
) -> CallToolResult:
    """What became of a program, as the answer of `run`."""
    for_model = report(outcome, outputs, session=session, notes=notes)
    cut = {each.what for each in for_model.cuts}
    data = RunResult(
        status="suspended" if outcome.suspended else outcome.status,
        value=None if "value" in cut else outcome.value,
        stdout=for_model.parts.get("stdout", ""),
        stderr=for_model.parts.get("stderr", ""),
        error=_raised(outcome, for_model),
        reason=printable(for_model.parts.get("reason", "")),
        diagnostics=findings(outcome.diagnostics),
        calls=[_call(call) for call in outcome.calls[:SHOWN_CALLS]],
        calls_total=len(outcome.calls),
        files=[_left(file) for file in for_model.files],
        cut=[Cut(**asdict(each)) for each in for_model.cuts],
        session=session,
        run=run if outcome.suspended else None,
        notes=[*map(printable, outcome.notes), *notes],
    )
    failed = not (outcome.ok or outcome.suspended)
    return answer(for_model.text, data, *_content(for_model.files), is_error=failed)


def _raised(outcome: Outcome, for_model: Report) -> Raised | None:
    error = outcome.error
    if error is None:
        return None
    shown = for_model.parts["error"]
    whole = not any(each.what == "error" for each in for_model.cuts)
    return Raised(
        type=error.type,
        message=error.message if whole or not error.traceback else shown,
        line=error.line,
        traceback=shown if error.traceback else "",
    )


def _call(call: Call) -> CallMade:
    return CallMade(
        server=call.server,
        tool=call.tool,
        status=call.status,
        seconds=round(call.duration_s, 4),
        message=printable(call.message),
    )


def _left(file: StoredOutput) -> FileLeft:
    return FileLeft(
        name=file.name,
        bytes=len(file.data),
        mime_type=file.mime_type,
        output=file.handle,
        uri=SCHEME + file.handle,
    )


def _content(files: Iterable[StoredOutput]) -> Iterable[ContentBlock]:
    room = INLINE_BYTES
    for file in files:
        size, uri = len(file.data), SCHEME + file.handle
        if size <= (room if file.text is None else min(room, INLINE_TEXT_BYTES)):
            room -= size
            yield _inline(file, uri)
        else:
            name = PurePosixPath(file.name).name
            yield ResourceLink(
                type="resource_link", name=name, uri=uri, mime_type=file.mime_type, size=size
            )


def _inline(file: StoredOutput, uri: str) -> ContentBlock:
    data = base64.b64encode(file.data).decode()
    if file.mime_type in IMAGES:
        return ImageContent(type="image", data=data, mime_type=file.mime_type)
    resource: Any
    if file.text is not None:
        text = fence(file.text, "file")
        resource = TextResourceContents(uri=uri, mime_type=file.mime_type, text=text)
    else:
        resource = BlobResourceContents(uri=uri, mime_type=file.mime_type, blob=data)
    return EmbeddedResource(type="resource", resource=resource)
