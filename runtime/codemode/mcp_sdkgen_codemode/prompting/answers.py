"""What models are told of searches, pages and checks."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .. import catalog
from ..catalog import Entry, Sdk
from ..diagnostics import Diagnostic
from .prompt import fence


def found_tools(found: Sequence[Entry], unmatched: Sequence[str] = ()) -> str:
    """The tools that a search found, and the words of the query that no tool has."""
    if not found:
        return "No tool fits; try other words."
    shown = fence("\n".join(map(str, found)), "tools")
    return f"{shown}\n{no_tool_has(unmatched)}" if unmatched else shown


def no_tool_has(unmatched: Sequence[str]) -> str:
    """The words of a query that no tool has, as a sentence."""
    return f"No tool has {', '.join(map(json.dumps, unmatched))}, nor a word that means the same."


def check_findings(found: Sequence[Diagnostic]) -> str:
    """What is wrong with a program."""
    return fence("\n".join(map(str, found)), "diagnostics") if found else "Nothing is wrong."


def with_notes(text: str, notes: Sequence[str]) -> str:
    """`text` with what else is to be known below it."""
    return f"{text}\n{fence(chr(10).join(notes), 'notes')}" if notes else text


def page(name: str, sdks: Sequence[Sdk]) -> str:
    """The page of a tool, a class or a server, or the list of servers for no name.

    It holds servers' words, and is to be fenced. Raises `LookupError` that tells the nearest name.
    """
    if not name:
        return "\n".join(
            f"{sdk.parts.instance}: {len(sdk.tools)} tools, in {sdk.package}" for sdk in sdks
        )
    if "." not in name:
        of_name = [s for s in sdks if name in (s.server, s.key, s.package, s.parts.instance)]
        if not of_name:
            servers = ", ".join(sdk.parts.instance for sdk in sdks)
            raise LookupError(f"no server {json.dumps(name)}; there are: {servers}")
        return "\n".join(map(str, catalog.index(of_name)))
    try:
        return catalog.page(name, sdks)
    except LookupError as no_tool:
        try:
            return catalog.model(name, sdks)
        except LookupError as no_class:
            if name.partition(".")[2][:1].isupper():
                raise
            raise no_tool from no_class
