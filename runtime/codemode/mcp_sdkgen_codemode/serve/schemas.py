"""What the tools answer, as data: the output schemas of the server."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Answer(BaseModel):
    """Part of every answer."""

    notes: list[str] = Field(
        default_factory=list,
        description="Further notes, as on missing servers and on tools that have changed.",
    )


class FoundTool(BaseModel):
    """One tool of an SDK."""

    name: str = Field(description="What a program calls: `SERVER.TOOL`.")
    signature: str
    summary: str
    package: str = Field(description="The package that a program imports it from.")


class SearchResult(Answer):
    """The tools that fit, the best first."""

    tools: list[FoundTool]
    unmatched: list[str] = Field(
        default_factory=list,
        description="Words of the query that match no tool, not even by a synonym.",
    )


class Page(Answer):
    """One page of the documentation."""

    name: str
    text: str


class Finding(BaseModel):
    """One thing wrong with a program. Line and column count from 1."""

    line: int
    column: int
    code: str
    message: str
    hint: str = Field(default="", description="How to correct it.")


class CheckResult(Answer):
    """What is wrong with a program."""

    ok: bool
    diagnostics: list[Finding]


class CallMade(BaseModel):
    """One tool call of a program."""

    server: str
    tool: str
    status: Literal["ok", "tool_error", "refused", "invalid", "failed", "replayed", "suspended"]
    seconds: float
    message: str = ""


class Raised(BaseModel):
    """The exception that ended a program; the traceback has the program's own lines."""

    type: str
    message: str
    line: int | None = None
    traceback: str = ""


class FileLeft(BaseModel):
    """A file that the program left in its working folder."""

    name: str
    bytes: int
    mime_type: str
    output: str = Field(description="Its handle, for `read_output`.")
    uri: str = Field(description="Its address as a resource.")


class Cut(BaseModel):
    """Something that was too long to show: `read_output` has all of it."""

    what: str
    characters: int
    output: str = Field(description="Its handle, for `read_output`.")


class RunResult(Answer):
    """What became of a program."""

    status: Literal[
        "finished", "rejected", "failed", "timed_out", "killed", "refused", "suspended"
    ] = Field(
        description="rejected: the check found errors and nothing ran. refused: nothing ran. "
        "suspended: it waits for a person; go on with `resume`."
    )
    value: Any = Field(default=None, description="The value of the last expression.")
    stdout: str = ""
    stderr: str = ""
    error: Raised | None = None
    reason: str = Field(default="", description="Why it did not finish.")
    diagnostics: list[Finding] = Field(default_factory=list)
    calls: list[CallMade] = Field(default_factory=list, description="The first tool calls.")
    calls_total: int = 0
    files: list[FileLeft] = Field(default_factory=list)
    cut: list[Cut] = Field(default_factory=list)
    session: str | None = Field(
        default=None, description="Give it to the next run, to use its variables."
    )
    run: str | None = Field(default=None, description="The suspended run, for `resume`.")


class OutputPart(Answer):
    """A part of an output."""

    output: str
    name: str
    offset: int
    text: str
    next_offset: int | None = Field(description="Where to read on; null at the end.")
    characters: int = Field(description="Length of the whole output.")
