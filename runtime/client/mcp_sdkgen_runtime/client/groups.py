"""Bases of the generated `prompts` and `resources` of a client."""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from ..content.results import PromptResult, ResourceResult
from ..errors import ArgumentsError
from ..text import NOT_UNICODE, is_unicode, shortened
from ..types import OMIT
from .client import AsyncClient, Client, PublicNames

if TYPE_CHECKING:
    from .subscriptions import AsyncSubscription, Subscription

P = ParamSpec("P")
T = TypeVar("T")


def _prompt_arguments(given: Mapping[str, Any], server: str) -> dict[str, str]:
    """Prompt arguments are strings on the wire; other values are written as JSON."""
    present = {k: v for k, v in given.items() if v is not None and v is not OMIT}
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in present.items()}
    for name, text in texts.items():
        _check_unicode(text, name, server)
    return texts


def _check_unicode(text: str, name: str, server: str) -> None:
    if not is_unicode(text):
        raise ArgumentsError(
            f"argument {name!r}: {NOT_UNICODE}; got {shortened(text)}",
            server=server, argument=name, rule="json", value=text,
        )  # fmt: skip


def _checked_uri(uri: str, server: str) -> str:
    _check_unicode(uri, "uri", server)
    return uri


def _uri(template: str, values: Mapping[str, Any], server: str) -> str:
    from uritemplate import URITemplate  # few programs read a resource through a template

    present = {k: _text(v) for k, v in values.items() if v is not None and v is not OMIT}
    for name, value in present.items():
        _check_unicode(json.dumps(value, ensure_ascii=False), name, server)
    parsed = URITemplate(template)
    for name in parsed.variable_names:
        # An empty or absent part of a path would name another resource than the one meant.
        if present.get(name) == "" and f"{{{name}}}" in template:
            raise ArgumentsError(
                f"argument {name!r}: must not be empty in {shortened(template)}",
                server=server, argument=name, rule="uri", value="",
            )  # fmt: skip
    return parsed.expand(present)


def _text(value: Any) -> Any:
    """A value, or each of several, as the text that stands in a URI."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return [_text(item) for item in value]
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _function(method: Any, group: object) -> Any:
    if not isinstance(getattr(method, "__self__", None), type(group)):
        raise TypeError(f"{method!r} is neither a URI nor a method of {type(group).__name__}")
    return method.__func__


async def _itself(uri: str) -> str:
    return uri


def _at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The value of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stopped:
        value: T = stopped.value
        return value
    raise AssertionError("it waits")


class PromptGroup(PublicNames):
    """The prompts of one server, called through a blocking client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _get(self, name: str, given: Mapping[str, Any]) -> PromptResult:
        return self._client._get_prompt(name, _prompt_arguments(given, self._client.SERVER))


class AsyncPromptGroup(PublicNames):
    """The prompts of one server, called through an async client."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def _get(self, name: str, given: Mapping[str, Any]) -> PromptResult:
        arguments = _prompt_arguments(given, self._client.SERVER)
        return await self._client._get_prompt(name, arguments)


class ResourceGroup(PublicNames):
    """The resources of one server, read through a blocking client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, uri: str) -> ResourceResult:
        """Read the resource at `uri`. Raises `SessionError` when there is none."""
        return self._client._read_resource(_checked_uri(uri, self._client.SERVER))

    @overload
    def subscribe(self, resource: str, /) -> Subscription: ...

    @overload
    def subscribe(
        self, resource: Callable[P, ResourceResult], /, *args: P.args, **arguments: P.kwargs
    ) -> Subscription: ...

    def subscribe(self, resource: Any, /, *args: Any, **arguments: Any) -> Subscription:
        """The contents of a resource, now and after each change (see `Subscription`).

        `resource` is a URI, or a method of this group followed by its arguments.
        """
        from .subscriptions import Subscription

        uri = resource
        if not isinstance(resource, str):
            asking = copy.copy(self)
            asking.read = str  # type: ignore[assignment,method-assign]
            uri = _function(resource, self)(asking, *args, **arguments)
        return Subscription(self._client, uri)

    def _read(self, template: str, values: Mapping[str, Any]) -> ResourceResult:
        return self.read(_uri(template, values, self._client.SERVER))


class AsyncResourceGroup(PublicNames):
    """The resources of one server, read through an async client."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def read(self, uri: str) -> ResourceResult:
        """Read the resource at `uri`. Raises `SessionError` when there is none."""
        return await self._client._read_resource(_checked_uri(uri, self._client.SERVER))

    @overload
    def subscribe(self, resource: str, /) -> AsyncSubscription: ...

    @overload
    def subscribe(
        self,
        resource: Callable[P, Awaitable[ResourceResult]],
        /,
        *args: P.args,
        **arguments: P.kwargs,
    ) -> AsyncSubscription: ...

    def subscribe(self, resource: Any, /, *args: Any, **arguments: Any) -> AsyncSubscription:
        """The contents of a resource, now and after each change (see `Subscription`).

        `resource` is a URI, or a method of this group followed by its arguments.
        """
        from .subscriptions import AsyncSubscription

        uri = resource
        if not isinstance(resource, str):
            asking = copy.copy(self)
            asking.read = _itself  # type: ignore[assignment,method-assign]
            uri = _at_once(_function(resource, self)(asking, *args, **arguments))
        return AsyncSubscription(self._client, uri)

    async def _read(self, template: str, values: Mapping[str, Any]) -> ResourceResult:
        return await self.read(_uri(template, values, self._client.SERVER))
