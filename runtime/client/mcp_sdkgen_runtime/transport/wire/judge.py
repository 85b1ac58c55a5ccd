"""Answers of tools, as the types of `mcp` judge them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from mcp_types import CallToolResult
from mcp_types.methods import validate_server_result
from pydantic import BaseModel, ValidationError

from ...content.results import RawResult
from ...errors import ResultError
from ...observability.secret_set import SecretSet
from ...types import OMIT
from .versions import MODERN


def judged(result: dict[str, Any], version: str) -> RawResult:
    """A tool's answer. Raises `ValidationError` and `UnknownKind`."""
    with suppress(KeyError):  # before 2024-11-05 nothing was said about it
        validate_server_result("tools/call", version, result)
    if version not in MODERN:
        # Newer than the version: outside of what it says of results.
        result = {key: value for key, value in result.items() if key != "resultType"}
    return as_raw(CallToolResult.model_validate(result, by_name=False))


class UnknownKind(Exception):
    """A result of a kind that nobody here knows; `mcp` takes it for a complete one."""

    def __init__(self, answer: Any) -> None:
        super().__init__("unknown resultType")
        self.answer = answer


def check_complete(answer: Any) -> None:
    """Raises `UnknownKind`."""
    if answer.result_type != "complete":
        raise UnknownKind(answer)


def as_raw(answer: CallToolResult) -> RawResult:
    """A tool's answer as JSON data. Raises `UnknownKind`."""
    check_complete(answer)
    # `null` is a value since 2026-07-28: only the set of sent fields tells it from absence.
    sent = "structured_content" in answer.model_fields_set
    structured = answer.structured_content if sent else OMIT
    return RawResult([wire_form(block) for block in answer.content], structured, answer.is_error)


def wire_form(value: BaseModel) -> dict[str, Any]:
    """A protocol object as JSON data with wire keys, only what was sent."""
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True)


def misfit(
    error: ValidationError | UnknownKind, server: str, name: str, secrets: SecretSet
) -> ResultError:
    """The error for an answer that breaks the protocol."""
    if isinstance(error, UnknownKind):
        return ResultError(
            f"the answer breaks the protocol: unknown resultType {error.answer.result_type!r}",
            server=server, tool=name, data=wire_form(error.answer), place="resultType",
        )  # fmt: skip
    first = error.errors(include_url=False)[0]
    return ResultError(
        f"the answer breaks the protocol: {secrets.text(first['msg'])}",
        server=server, tool=name, data=secrets.cleaned(first["input"]),
        place=".".join(map(str, first["loc"])),
    )  # fmt: skip
