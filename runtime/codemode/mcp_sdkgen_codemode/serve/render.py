"""An outcome as an answer to a model: data, a text that is short enough, and files as content.

Whatever a program, a server or a file name says stands between tags that it cannot close.
"""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
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
from ..outcome import Artifact, Call, Outcome
from ..prompting.prompt import fence
from .output_store import Outputs
from .schemas import CallMade, Cut, FileLeft, Finding, Raised, RunResult

SHOWN_CHARS: Final = 12_000
"""Characters of one output that an answer shows, some 3,000 tokens."""
SHOWN_CALLS: Final = 50
INLINE_BYTES: Final = 1 << 20
"""Bytes of files that an answer carries as content. Others are linked to."""
INLINE_TEXT_BYTES: Final = 8 << 10
"""A text file that is larger is linked to, and read in parts."""
SCHEME: Final = "code-mode://outputs/"

_IMAGES: Final[Mapping[str, bytes]] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
"""Kinds that models are shown as images, and how such files begin."""


def answer(
    text: str, data: BaseModel, *content: ContentBlock, is_error: bool = False
) -> CallToolResult:
    """A tool's answer: `text` to read, `data` for machines, further content."""
    return CallToolResult(
        content=[TextContent(type="text", text=text), *content],
        structured_content=data.model_dump(mode="json"),
        is_error=is_error,
    )


def with_notes(text: str, notes: Sequence[str]) -> str:
    """`text` with the notes below it."""
    return f"{text}\n{fence(chr(10).join(notes), 'notes')}" if notes else text


def findings(found: Iterable[Diagnostic]) -> list[Finding]:
    """Diagnostics as data."""
    return [Finding(**each.as_json()) for each in found]


class Shortener:
    """Cuts long texts in the middle, and keeps them whole to be read on."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self.cut: list[Cut] = []

    def __call__(self, what: str, text: str) -> str:
        """`text`, or its head and tail with a word on where the rest is."""
        if len(text) <= SHOWN_CHARS:
            return text
        handle = self._outputs.keep_text(what, text)
        self.cut.append(Cut(what=what, characters=len(text), output=handle))
        head, tail = SHOWN_CHARS * 2 // 3, SHOWN_CHARS // 3
        left_out = len(text) - head - tail
        told = (
            f"[… {left_out:,} of {len(text):,} characters left out; "
            f'read_output(output="{handle}", offset={head}) goes on here …]'
        )
        return f"{text[:head]}\n{told}\n{text[-tail:]}"


def told(
    outcome: Outcome,
    outputs: Outputs,
    notes: Sequence[str],
    *,
    session: str | None = None,
    run: str | None = None,
) -> CallToolResult:
    """What became of a program, as the answer of `run`."""
    short = Shortener(outputs)
    stdout, stderr = short("stdout", outcome.stdout), short("stderr", outcome.stderr)
    value, shown_value = outcome.value, ""
    if value is not None:
        shown_value = short("value", json.dumps(value, ensure_ascii=False))
        value = None if any(each.what == "value" for each in short.cut) else value
    error = outcome.error
    raised = None
    if error is not None:
        message = short("message", error.message)
        raised = Raised(
            type=error.type,
            message=message,
            line=error.line,
            traceback=short("traceback", error.traceback),
        )
    left, content = _files(outcome.artifacts, outputs)
    suspended = outcome.suspended and run is not None
    data = RunResult(
        status="suspended" if suspended else outcome.status,
        value=value,
        stdout=stdout,
        stderr=stderr,
        error=raised,
        reason=printable(outcome.reason),
        diagnostics=findings(outcome.diagnostics),
        calls=[_call(call) for call in outcome.calls[:SHOWN_CALLS]],
        calls_total=len(outcome.calls),
        files=left,
        cut=short.cut,
        session=session,
        run=run if suspended else None,
        notes=list(notes),
    )
    text = "\n".join(_parts(data, outcome, shown_value))
    failed = data.status not in ("finished", "suspended")
    return answer(with_notes(text, notes), data, *content, is_error=failed)


def _parts(data: RunResult, outcome: Outcome, value: str) -> Iterable[str]:
    calls = "1 tool call" if data.calls_total == 1 else f"{data.calls_total} tool calls"
    yield f"{data.status}: {calls}, {outcome.timings.run_s:.2f} s"
    if data.session:
        yield f"session: {data.session}"
    if data.diagnostics:
        yield fence("\n".join(map(str, outcome.diagnostics)), "diagnostics")
    for tag, text in (("stdout", data.stdout), ("stderr", data.stderr), ("value", value)):
        if text:
            yield fence(text.rstrip("\n"), tag)
    if data.error is not None:
        said = data.error.traceback or f"{data.error.type}: {data.error.message}"
        # The program's own name, which the fence would spell out in every line.
        yield fence(said.replace('File "<program>"', 'File "program"').rstrip("\n"), "error")
    if data.reason:
        yield fence(data.reason, "reason")
    wrong = [call for call in data.calls if call.message and call.status != "ok"]
    if wrong:
        lines = [f"{call.server}/{call.tool}: {call.status}: {call.message}" for call in wrong[:10]]
        yield fence("\n".join(lines), "calls")
    if data.files:
        lines = [f"{f.name} ({f.mime_type}, {f.bytes:,} bytes): {f.output}" for f in data.files]
        yield fence("\n".join(lines), "files")


def _call(call: Call) -> CallMade:
    return CallMade(
        server=call.server,
        tool=call.tool,
        status=call.status,
        seconds=round(call.duration_s, 4),
        message=printable(call.message),
    )


def _files(
    artifacts: Iterable[Artifact], outputs: Outputs
) -> tuple[list[FileLeft], list[ContentBlock]]:
    left: list[FileLeft] = []
    content: list[ContentBlock] = []
    room = INLINE_BYTES
    for artifact in artifacts:
        name = printable(artifact.name)
        kind, text = _kind(artifact)
        handle = outputs.keep_file(name, kind, artifact.data, text)
        uri = SCHEME + handle
        size = len(artifact.data)
        left.append(FileLeft(name=name, bytes=size, mime_type=kind, output=handle, uri=uri))
        limit = room if text is None else min(room, INLINE_TEXT_BYTES)
        if size <= limit:
            room -= size
            content.append(_inline(artifact, kind, text, uri))
        else:
            file = PurePosixPath(name).name
            content.append(
                ResourceLink(type="resource_link", name=file, uri=uri, mime_type=kind, size=size)
            )
    return left, content


def _inline(artifact: Artifact, kind: str, text: str | None, uri: str) -> ContentBlock:
    data = base64.b64encode(artifact.data).decode()
    if kind in _IMAGES:
        return ImageContent(type="image", data=data, mime_type=kind)
    resource: Any
    if text is not None:
        resource = TextResourceContents(uri=uri, mime_type=kind, text=fence(text, "file"))
    else:
        resource = BlobResourceContents(uri=uri, mime_type=kind, blob=data)
    return EmbeddedResource(type="resource", resource=resource)


def _kind(artifact: Artifact) -> tuple[str, str | None]:
    """The MIME type by name, if the content bears it out, and the text of a text file."""
    for kind, begin in _IMAGES.items():
        if artifact.data.startswith(begin):
            return kind, None
    guessed, _ = mimetypes.guess_type(artifact.name, strict=True)
    try:
        text = printable(artifact.data.decode())
    except UnicodeDecodeError:
        odd = guessed is None or guessed.startswith(("text/", "image/"))
        return ("application/octet-stream" if odd or guessed is None else guessed), None
    if "\0" in artifact.data.decode():
        return "application/octet-stream", None
    is_text = guessed is not None and (
        guessed.startswith("text/") or guessed in ("application/json", "application/xml")
    )
    return (guessed if is_text and guessed else "text/plain"), text
