"""Calling again, where that is safe.

Safe is a call of which nothing was sent, or a tool that the server calls read-only or idempotent.
What the server has answered, even by refusing, is never asked again, except "too busy".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import CallRefused, CassetteError, SessionError, TaskCancelled

if TYPE_CHECKING:
    from ..tool.tool import Tool

T = TypeVar("T")

BUSY = {429, 502, 503, 504}
"""HTTP statuses that say: later, perhaps."""
_FINAL = (CallRefused, CassetteError, TaskCancelled)
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 10.0


def is_safe_to_repeat(error: BaseException, tool: Tool[Any]) -> bool:
    """Whether the call that raised `error` may be made again."""
    if not isinstance(error, SessionError) or isinstance(error, _FINAL):
        return False
    if error.answered and error.http_status not in BUSY:
        return False
    return error.ran is False or tool.repeatable


def repeated(call: Callable[[], T], retries: int, tool: Tool[Any]) -> T:
    """The answer of `call`, tried again up to `retries` times, waiting longer each time."""
    from tenacity import Retrying

    answer: T = Retrying(**_plan(retries, tool))(call)
    return answer


async def repeated_async(call: Callable[[], Awaitable[T]], retries: int, tool: Tool[Any]) -> T:
    """The async twin of `repeated`."""
    from tenacity import AsyncRetrying

    answer: T = await AsyncRetrying(**_plan(retries, tool))(call)
    return answer


def _plan(retries: int, tool: Tool[Any]) -> dict[str, Any]:
    from tenacity import retry_if_exception, stop_after_attempt, wait_exponential, wait_random

    return {
        "stop": stop_after_attempt(retries + 1),
        "wait": wait_exponential(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S)
        + wait_random(0, _FIRST_WAIT_S),
        "retry": retry_if_exception(partial(is_safe_to_repeat, tool=tool)),
        "reraise": True,
    }
