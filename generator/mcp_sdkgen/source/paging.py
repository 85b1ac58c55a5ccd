"""Follows every page of a list, up to bounds that no honest server reaches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import SourceError
from .bounds import MAX_ITEMS, MAX_LIST_BYTES, size

MAX_PAGES: Final = 1_000

Page = dict[str, Any]
Ask = Callable[[str | None], Awaitable[Page]]


@dataclass
class Pages:
    """The definitions of all pages, in order. `warning` is set when the paging was odd."""

    items: list[Any] = field(default_factory=list)
    warning: str = ""


async def pages(ask: Ask, key: str, on_page: Callable[[int], None]) -> Pages:
    """Ask for page after page until there is no next one.

    `ask` gives the raw result for a cursor, `key` is where the definitions are in it, `on_page`
    hears how many there are so far. A cursor that comes again ends the list, with a warning.
    Raises `SourceError` when a page is no page, or when there are more pages, definitions or
    bytes than the bounds.
    """
    found = Pages()
    asked: set[str] = set()
    last_page: list[Any] | None = None
    total = 0
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        result = await ask(cursor)
        page, cursor = _read(result, key)
        if cursor in asked and page == last_page:
            # It pays no heed to cursors, so this is the page before over again.
            found.warning = "it answers every cursor with the same page"
            return found
        found.items += page
        total += sum(size(item) for item in page)
        if len(found.items) > MAX_ITEMS:
            raise SourceError(f"lists more than {MAX_ITEMS} {key}")
        if total > MAX_LIST_BYTES:
            raise SourceError(f"lists more than {MAX_LIST_BYTES} bytes of {key}")
        on_page(len(found.items))
        if cursor is None:
            return found
        if cursor in asked:
            found.warning = "it gives the same cursor again; the list may be incomplete"
            return found
        asked.add(cursor)
        last_page = page
    raise SourceError(f"lists more than {MAX_PAGES} pages of {key}")


def _read(result: Page, key: str) -> tuple[list[Any], str | None]:
    page = result.get(key)
    if not isinstance(page, list):
        raise SourceError(f"answered with no list of {key}")
    cursor = result.get("nextCursor")
    if cursor is not None and not isinstance(cursor, str):
        raise SourceError("answered with a cursor that is not text")
    # An empty cursor is how some servers say that there is no next page.
    return page, cursor or None
