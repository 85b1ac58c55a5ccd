"""Approval through elicitation: the question as the client shows it, and what its answer means."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from mcp.server.elicitation import render_elicitation_schema
from mcp.server.mcpserver import Context
from mcp_types import ElicitRequest, ElicitRequestFormParams
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field, ValidationError

from ..policy.approval import Answer, ApprovalRequest

QUESTIONS: Final = "mcp-sdkgen://questions/"
KEY: Final = "approval"
"""Of the question in an `InputRequiredResult`."""

_ROUNDS_VERSION: Final = "2026-07-28"
"""From here on, questions are answers to a request, and their answers come with its retry."""


class Approval(BaseModel):
    """The form that a person fills in."""

    answer: Literal["once", "run", "always", "no"] = Field(
        title="Allow this call?",
        description="once: this call. run: this tool, until the program ends. always: this tool, "
        "as long as it stays the same. no: refuse it.",
    )


class ApprovalOrLater(BaseModel):
    """The form for a run that can wait."""

    answer: Literal["once", "run", "always", "no", "later"] = Field(
        title="Allow this call?",
        description="once: this call. run: this tool, until the program ends. always: this tool, "
        "as long as it stays the same. no: refuse it. later: save the run, and decide later.",
    )


def can_ask(context: Context[Any, Any]) -> bool:
    """Whether the client shows forms to its user."""
    capabilities = context.client_capabilities
    offered = capabilities.elicitation if capabilities is not None else None
    # Without details, a form is meant.
    return offered is not None and (offered.form is not None or offered.url is None)


def in_rounds(context: Context[Any, Any]) -> bool:
    """Whether questions are asked by answering the request."""
    version = context.protocol_version
    return version is not None and is_version_at_least(version, _ROUNDS_VERSION)


def form(may_suspend: bool) -> type[Approval] | type[ApprovalOrLater]:
    """The form to fill in."""
    return ApprovalOrLater if may_suspend else Approval


def question(request: ApprovalRequest, may_suspend: bool) -> ElicitRequest:
    """The question about a call, for a client that is asked in rounds."""
    schema = render_elicitation_schema(form(may_suspend))
    params = ElicitRequestFormParams(message=message(request), requested_schema=schema)
    return ElicitRequest(params=params)


def message(request: ApprovalRequest) -> str:
    """What a person is shown. The arguments are the program's words, and spelled out.

    They stand in a code block, which hosts that render Markdown show as it is.
    """
    longest = max(map(len, re.findall(r"`+", request.text)), default=0)
    fence = "`" * max(3, longest + 1)
    rest = "" if request.whole else f"\nNot all of it is shown; read the rest in {uri(request)}"
    return f"A program wants to call a tool.\n\n{fence}text\n{request.text}\n{fence}{rest}"


def uri(request: ApprovalRequest) -> str:
    """The resource that shows all of a question, as long as it is open."""
    return f"{QUESTIONS}{request.nonce}"


def answer_of(action: str, content: Any, may_suspend: bool) -> Answer:
    """What a filled-in form means. Everything but a clear yes is a no."""
    if action != "accept":
        return "no"
    try:
        given = form(may_suspend).model_validate(content).answer
    except ValidationError:
        return "no"
    return "suspend" if given == "later" else given
