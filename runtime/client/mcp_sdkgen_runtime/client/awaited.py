"""The async client of an SDK, made from its blocking one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from .client import AsyncClient


def awaited(outline: type) -> Any:
    """An `AsyncClient` with the methods of the blocking client that `outline` extends.

    A generated method only hands its arguments to the client's `_call`, so the same function
    serves both kinds of client. Here it becomes one to be awaited, with the same signature and
    docstring. What `outline` defines itself stays as it is.

    `outline` extends the blocking client for the sake of editors, which find the docstrings of its
    methods there. Type checkers read the stub beside it.
    """
    blocking: Any = outline.__base__
    members: dict[str, Any] = {"SERVER": blocking.SERVER, "PACKAGE": blocking.PACKAGE}
    for name, value in vars(blocking).items():
        if isinstance(value, FunctionType):
            members[name] = _awaited(value, outline)
    own = vars(outline).items()
    members.update((name, value) for name, value in own if name not in ("__dict__", "__weakref__"))
    return type(outline.__name__, (AsyncClient,), members)


def _awaited(method: Callable[..., Any], outline: type) -> Callable[..., Any]:
    @wraps(method)
    async def call(self: Any, *given: Any, **arguments: Any) -> Any:
        return await method(self, *given, **arguments)

    call.__module__ = outline.__module__
    call.__qualname__ = f"{outline.__qualname__}.{method.__name__}"
    return call
