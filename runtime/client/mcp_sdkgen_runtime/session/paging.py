"""Follows every page of a list, up to bounds that no honest server reaches."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import SessionError
from ..observability.log import logger
from ..text import shortened

_log = logger(__name__)

MAX_PAGES: Final = 1_000
MAX_ITEMS: Final = 10_000
"""Definitions of one kind. The largest real servers have some hundreds of tools."""
MAX_LIST_BYTES: Final = 32 * 1024 * 1024
"""All definitions of one kind, and the cursors of their pages, as compact JSON."""
MAX_IDLE_PAGES: Final = 10
"""Pages in a row without a definition that an earlier page had not."""
_INVALID_PARAMS: Final = -32602
_TOO_DEEP_BYTES: Final = 2 * 1024 * 1024
"""What a definition counts that is too deep to be written as JSON."""

_EMPTY_CURSOR: Final = "it ends with an empty cursor and {} that; the end is said without a cursor"

Page = dict[str, Any]
Ask = Callable[[str | None], Awaitable[Page]]


class PagingError(Exception):
    """A list that has no end, or that is none, in words about its server."""


@dataclass
class Pages:
    """The definitions of all pages, in order. `warning` is set when the paging was odd, and
    `is_whole` tells whether the list is known to have no more."""

    items: list[Any] = field(default_factory=list)
    warning: str = ""
    is_whole: bool = True


async def pages(ask: Ask, key: str, on_page: Callable[[int], None] = lambda _: None) -> Pages:
    """Ask for page after page until there is no next one.

    `ask` gives the raw result for a cursor, `key` is where the definitions are in it, `on_page`
    hears how many there are so far. A cursor that comes again ends the list, with a warning. An
    empty cursor is one too (MCP 2026-07-28, Pagination); servers of former versions that mean the
    end by it refuse it, or begin again: both end the list, with a warning.

    Raises `PagingError` when a page is no page, when there are more pages, definitions or bytes
    than the bounds, and when page after page says nothing new.
    """
    found = Pages()
    asked: set[str] = set()
    known: set[str] = set()
    last_page: list[Any] | None = None
    total = idle = 0
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        was_empty = cursor == ""
        try:
            page, cursor = _read(await ask(cursor), key)
        except Exception as error:
            if not was_empty or getattr(error, "code", None) != _INVALID_PARAMS:
                raise
            found.warning = _EMPTY_CURSOR.format("refuses")
            return found
        if cursor in asked and page == last_page:
            # It pays no heed to cursors, so this is the page before over again.
            found.warning = "it answers every cursor with the same page"
            return found
        told = [_written(item) for item in page]
        if was_empty and page and known.issuperset(told):
            found.warning = _EMPTY_CURSOR.format("begins again at")
            return found
        found.items += page
        total += sum(map(len, told)) + len(_written(cursor))
        if len(found.items) > MAX_ITEMS:
            raise PagingError(f"lists more than {MAX_ITEMS} {key}")
        if total > MAX_LIST_BYTES:
            raise PagingError(f"lists more than {MAX_LIST_BYTES} bytes of {key}")
        on_page(len(found.items))
        if cursor is None:
            return found
        if cursor in asked:
            found.warning = "it gives the same cursor again; the list may be incomplete"
            found.is_whole = False
            return found
        idle = idle + 1 if known.issuperset(told) else 0
        if idle == MAX_IDLE_PAGES:
            raise PagingError(f"lists page after page of {key}, {idle} of them with nothing new")
        known.update(told)
        asked.add(cursor)
        last_page = page
    raise PagingError(f"lists more than {MAX_PAGES} pages of {key}")


async def all_tools(ask: Ask) -> dict[str, Any]:
    """The definitions of all tools, by wire name: what is no tool costs none of the others.

    Raises `PagingError`.
    """
    found = await pages(ask, "tools")
    if not found.is_whole:
        # A tool that comes after the end of a broken list would be taken for one that is gone.
        raise PagingError(found.warning)
    tools = {}
    for item in found.items:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            tools[item["name"]] = item
        else:
            _log.warning("an item of the list of tools is no tool: %s", shortened(item))
    return tools


def unknown_tools(server: str, error: PagingError) -> SessionError:
    """The error for a list of tools that has no end."""
    return SessionError(f"its tools are not known: {error}", server=server)


def _written(item: Any) -> str:
    try:
        return json.dumps(item, separators=(",", ":"))
    except (RecursionError, ValueError, TypeError):
        return " " * _TOO_DEEP_BYTES


def _read(result: Page, key: str) -> tuple[list[Any], str | None]:
    page = result.get(key)
    if not isinstance(page, list):
        raise PagingError(f"answered with no list of {key}")
    cursor = result.get("nextCursor")
    if type(cursor) is int:
        cursor = str(cursor)  # some servers count their pages, and a cursor is theirs to read
    if cursor is not None and not isinstance(cursor, str):
        raise PagingError("answered with a cursor that is not text")
    return page, cursor
