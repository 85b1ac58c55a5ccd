"""Our callbacks as the keyword arguments that `mcp.Client` takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..callbacks import (
    Elicitation,
    ElicitCallback,
    LogCallback,
    LogMessage,
    SampleCallback,
    Sampling,
)

if TYPE_CHECKING:
    from ..options import SessionOptions


def client_callbacks(options: SessionOptions) -> dict[str, Any]:
    """The keyword arguments by which `mcp.Client` learns of the callbacks that were given."""
    found: dict[str, Any] = {}
    if options.on_elicit is not None:
        found["elicitation_callback"] = _elicitor(options.on_elicit)
    if options.on_sample is not None:
        found["sampling_callback"] = _sampler(options.on_sample)
    if options.roots:
        found["list_roots_callback"] = _root_lister(options.roots)
    if options.on_log is not None:
        found["logging_callback"] = _log_taker(options.on_log)
        found["log_level"] = options.log_level
    return found


def declining() -> dict[str, Any]:
    """The same for a client that can be asked everything and declines: forms, samples and roots."""

    async def nothing(question: Any) -> None:
        return None

    return {
        "elicitation_callback": _elicitor(nothing),
        "sampling_callback": _sampler(nothing),
        "list_roots_callback": _root_lister(()),
    }


async def _answer(callback: Callable[[Any], Any], question: Any) -> Any:
    if inspect.iscoroutinefunction(callback):
        return await callback(question)
    import anyio.to_thread

    # It may ask a person, and must not hold up the other calls of the session meanwhile.
    answer = await anyio.to_thread.run_sync(callback, question)
    return await answer if inspect.isawaitable(answer) else answer


def _elicitor(callback: ElicitCallback) -> Any:
    async def elicit(context: Any, params: Any) -> Any:
        from mcp_types import ElicitResult

        schema = getattr(params, "requested_schema", None)
        question = Elicitation(params.message, schema, getattr(params, "url", None))
        fields = await _answer(callback, question)
        if fields is None:
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content=None if question.url else dict(fields))

    return elicit


def _sampler(callback: SampleCallback) -> Any:
    async def sample(context: Any, params: Any) -> Any:
        from mcp_types import INVALID_REQUEST, CreateMessageResult, ErrorData

        request = params.model_dump(mode="json", by_alias=True, exclude_none=True)
        system_prompt = params.system_prompt or ""
        asked = Sampling(request["messages"], system_prompt, params.max_tokens, request)
        completion = await _answer(callback, asked)
        if completion is None:
            return ErrorData(code=INVALID_REQUEST, message="The user declined")
        if isinstance(completion, str):
            content = {"type": "text", "text": completion}
            completion = {"role": "assistant", "model": "unknown", "content": content}
        return CreateMessageResult.model_validate(dict(completion))

    return sample


def _root_lister(roots: Sequence[str | Path]) -> Any:
    uris = [str(r) if "://" in str(r) else Path(r).absolute().as_uri() for r in roots]

    async def list_roots(context: Any) -> Any:
        from mcp_types import ListRootsResult

        return ListRootsResult.model_validate({"roots": [{"uri": uri} for uri in uris]})

    return list_roots


def _log_taker(callback: LogCallback) -> Any:
    async def take(params: Any) -> None:
        waiting = callback(LogMessage(params.level, params.logger or "", params.data))
        if inspect.isawaitable(waiting):
            await waiting

    return take
