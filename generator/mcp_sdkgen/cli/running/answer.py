"""What a tool answered, for a terminal and for machines, and the files in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from itertools import count
from pathlib import Path
from typing import Any, Final

from mcp_sdkgen_codemode.outcome import Artifact, CallStatus
from mcp_sdkgen_runtime import OMIT, RawResult
from mcp_sdkgen_runtime.content.json_text import json_readings
from mcp_sdkgen_runtime.content.results import Unstructured
from mcp_sdkgen_runtime.errors import ResultError

from ...errors import WriteError
from ...json_io import json_text
from ..show import lines, safe, stderr, stdout
from .artifacts import write_artifacts

FORMAT: Final = "mcp-sdkgen/call/1"
MAX_FILES: Final = 1_000
"""As many files of one answer are saved."""

_ENDINGS: Final[Mapping[str, str]] = {
    "application/gzip": ".gz",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "audio/flac": ".flac",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "text/csv": ".csv",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
}
"""What a file is called at its end. A server chooses among these, and nothing else."""
_OTHER: Final = ".bin"


def data_of(raw: RawResult, unwrap: str | None) -> Any:
    """The answer as JSON data, `OMIT` where it is only text. `unwrap` is the key of a value that
    the server's library wraps."""
    if raw.structured is not OMIT and raw.structured is not None:
        found = raw.structured
        if unwrap is not None and isinstance(found, dict) and unwrap in found:
            found = found[unwrap]
        if not isinstance(found, str):
            return found
        return next((data for data in _readings([{"type": "text", "text": found}])), found)
    return next(_readings(raw.content), OMIT)


def _readings(content: list[dict[str, Any]]) -> Iterator[Any]:
    # A number, or a word in quotes, is a text that happens to be JSON.
    return (data for _, data in json_readings(content) if isinstance(data, dict | list))


def as_json(
    server: str,
    tool: str,
    arguments: Mapping[str, Any],
    raw: RawResult,
    data: Any,
    saved: list[Path],
) -> dict[str, Any]:
    """The answer for machines. `data` is null where it is only text."""
    return {
        "format": FORMAT,
        "server": server,
        "tool": tool,
        "arguments": dict(arguments),
        "status": status(raw),
        "data": None if data is OMIT else data,
        "text": raw.text,
        "structured": None if raw.structured is OMIT else raw.structured,
        "content": raw.content,
        "notes": list(raw.notes),
        "saved": [str(path) for path in saved],
    }


def status(raw: RawResult) -> CallStatus:
    """How a call ended: `failed` is one whose answer is none by the protocol."""
    if raw.fault:
        return "failed"
    return "tool_error" if raw.is_error else "ok"


def words(raw: RawResult, data: Any) -> str:
    """What a tool says that failed: its text, or else its data as JSON."""
    return raw.text or ("" if data is OMIT else json_text(data))


def show(raw: RawResult, data: Any) -> None:
    """Show what came: JSON as JSON, text as text, both safe for a terminal."""
    answer = Unstructured(raw.content)
    if data is not OMIT and not isinstance(data, str):
        stdout.file.write(json_text(data))
    elif text := (data if isinstance(data, str) else raw.text):
        stdout.print(lines(text), soft_wrap=True)
    for resource in answer.resources:
        if resource.text is not None and data is OMIT:
            stderr.print(safe(f"{resource.uri}:", "dim"), soft_wrap=True)
            stdout.print(lines(resource.text), soft_wrap=True)
    for link in answer.links:
        stdout.print(safe(f"link: {link.uri} {link.name}".rstrip()), soft_wrap=True)


def media(raw: RawResult) -> list[tuple[str, str, bytes]]:
    """The images, sounds and binary resources: what each is, its MIME type and its bytes.

    What is no base64 is told on stderr, and left out.
    """
    answer = Unstructured(raw.content)
    found: list[tuple[str, str, bytes]] = []
    blobs = [each for each in answer.resources if each.text is None]
    for kind, parts in (("image", answer.images), ("audio", answer.audio), ("resource", blobs)):
        for part in parts:
            try:
                found.append((kind, part.mime_type, part.data))
            except ResultError as error:
                stderr.print(safe(f"{kind}: not saved: {error}", "red"), soft_wrap=True)
    return found


def save(
    found: list[tuple[str, str, bytes]], out: Path | None
) -> tuple[list[Path], WriteError | None]:
    """Write media into a folder, as `image-1.png` and so on; no file there is replaced.

    The files that were written, at most `MAX_FILES`, and what kept others from that: an answer is
    shown all the same.
    """
    if out is None:
        return [], None
    taken = {path.stem for path in out.iterdir()} if out.is_dir() else set()
    kept = found[:MAX_FILES]
    named = [
        Artifact(name, data) for name, (_, _, data) in zip(names(kept, taken), kept, strict=True)
    ]
    written = write_artifacts(named, out)
    failure = written.failure
    if len(found) > MAX_FILES:
        left = f"{len(found) - MAX_FILES} of {len(found)} images, sounds and files are not saved"
        failure = WriteError(
            f"{left}: an answer has at most {MAX_FILES} files",
            detail=str(failure) if failure else "",
            hint="ask the tool for fewer, or take them from --json",
        )
    return [*written.paths.values()], failure


def names(found: list[tuple[str, str, bytes]], taken: Set[str]) -> list[str]:
    """What the files of an answer are called: each kind is numbered, with numbers passed over
    where a name without its ending is `taken`."""
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
    named = []
    for kind, mime_type, _ in found:
        name = next(each for n in numbers[kind] if (each := f"{kind}-{n}") not in taken)
        ending = _ENDINGS.get(mime_type.partition(";")[0].strip().lower(), _OTHER)
        named.append(f"{name}{ending}")
    return named


def offer(found: list[tuple[str, str, bytes]]) -> None:
    """Tell of media that nobody asked to save."""
    for kind, mime_type, data in found:
        what = f"note: {kind}, {mime_type or 'of unknown type'}, {len(data):,} bytes"
        stderr.print(safe(f"{what}; --out FOLDER saves it"), soft_wrap=True)
