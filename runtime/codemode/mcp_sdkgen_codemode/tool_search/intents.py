"""What kind of action a query wants and a tool does, by the first verb that says so.

A model of meaning sees that "open a new incident" is about incidents, and puts the many tools that
read incidents before the one that creates them. The verbs are those common in English and in the
names of APIs; where none is known, nothing is said.
"""

from __future__ import annotations

from typing import Literal

from mcp_sdkgen_runtime.catalog.bm25 import split

Action = Literal["read", "create", "update", "delete"]

_VERBS: dict[Action, str] = {
    "read": "are browse check compare count describe did display does download export fetch find "
    "get give how is list look lookup query read retrieve search see show tell view what when "
    "where which who whose",
    "create": "add append attach book build compose create draw generate import insert launch log "
    "make new open plan post publish put register remember save schedule send start store upload "
    "write",
    "update": "adjust assign change convert disable edit enable mark modify move patch rename "
    "replace reschedule resolve scale set switch turn update",
    "delete": "archive cancel clear close delete destroy drop erase kill purge remove revoke rid "
    "stop undo uninstall unsubscribe",
}
_ACTIONS: dict[str, Action] = {
    verb: action for action, verbs in _VERBS.items() for verb in verbs.split()
}


def action_of(text: str) -> Action | None:
    """The action of the first known verb in a query or a tool's name; None where there is none."""
    known = (_ACTIONS.get(word) for word in split(text).lower().split())
    return next((action for action in known if action), None)


def agreement(wanted: Action | None, does: Action | None) -> int:
    """1 for the same action, -1 for another, 0 where one is unknown. Creating and updating are no
    contradiction: "set a reminder" may be either."""
    if wanted is None or does is None:
        return 0
    if wanted == does:
        return 1
    return 0 if {wanted, does} == {"create", "update"} else -1
