"""Approval through elicitation: the question as the client shows it, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final

from mcp.server.elicitation import render_elicitation_schema
from mcp.server.mcpserver import Context
from mcp_sdkgen_runtime.text import fenced
from mcp_types import ElicitRequest, ElicitRequestFormParams
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field, create_model

from ..policy.approval import Answer, ApprovalRequest

QUESTIONS: Final = "mcp-sdkgen://questions/"
KEY: Final = "approval"
"""Of the question in an `InputRequiredResult`."""

MAX_MESSAGE: Final = 10_000
"""Characters of a question that a form shows in full; of a longer one the rest must be read."""
_ROUNDS_VERSION: Final = "2026-07-28"
"""From here on, questions are answers to a request, and their answers come with its retry."""


_MEANINGS: Final[Mapping[str, tuple[Answer, str]]] = {
    "once": ("once", "this call"),
    "run": ("run", "this tool, until the program ends"),
    "always": ("always", "this tool, as long as it stays the same"),
    "no": ("no", "refuse it"),
    "later": ("suspend", "save the run, and decide later"),
}
"""The answers of a form in their order: what each is for a policy, and for a person."""


def offered(*, always: bool, later: bool) -> tuple[str, ...]:
    """The answers that a form has."""
    left_out = {"always": not always, "later": not later}
    return tuple(answer for answer in _MEANINGS if not left_out.get(answer, False))


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


@cache
def form(answers: tuple[str, ...]) -> type[BaseModel]:
    """The form that a person fills in, with these answers."""
    choice = Field(
        title="Allow this call?",
        description=" ".join(f"{answer}: {_MEANINGS[answer][1]}." for answer in answers),
        json_schema_extra={"enum": [*answers]},
    )
    return create_model("Approval", answer=(Annotated[str, choice], ...))


def question(request: ApprovalRequest, answers: tuple[str, ...]) -> ElicitRequest:
    """The question about a call, for a client that is asked in rounds."""
    schema = render_elicitation_schema(form(answers))
    params = ElicitRequestFormParams(message=message(request), requested_schema=schema)
    return ElicitRequest(params=params)


def message(request: ApprovalRequest) -> str:
    """What a person is shown: all of the call, up to `MAX_MESSAGE` characters. The arguments are
    the program's words, and spelled out.

    They stand in a code block, which hosts that render Markdown show as it is.
    """
    text, rest = request.text, ""
    if is_too_long(request):
        told = "Not all of it is shown. A yes counts as no until the rest was read in"
        rest = f"\n{told} {uri(request)}"
    elif not request.whole:
        text = request.full_text
    return f"A program wants to call a tool.\n\n{fenced(text)}{rest}"


def is_too_long(request: ApprovalRequest) -> bool:
    """Whether a form shows only a part of the call."""
    return not request.whole and len(request.full_text) > MAX_MESSAGE


def uri(request: ApprovalRequest) -> str:
    """The resource that shows all of a question, as long as it is open."""
    return f"{QUESTIONS}{request.nonce}"


def answer_of(action: str, content: Any, answers: tuple[str, ...]) -> Answer:
    """What a form with these answers means, filled in. Everything but a clear yes is a no."""
    given = content.get("answer") if action == "accept" and isinstance(content, Mapping) else None
    return _MEANINGS[given][0] if given in answers else "no"
