"""What a model is told of this server: written for whoever must use it without having seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..prompting.prompt import RULES, fence

TITLE: Final = "Code mode"

_INSTRUCTIONS: Final = """\
These tools let you act through Python programs instead of calling other tools one by one. Find what
you need with `search`, read its page with `read`, then `run` one program that does the whole task.

"""

SEARCH: Final = """\
Find tools by words. Returns the best matches with their Python signatures and the packages to
import them from. Begin here; search again with other words if nothing fits."""

READ: Final = """\
Read the documentation: of one tool by its name from `search` (`weather.get_forecast`: arguments,
result, errors), of a class (`weather.Forecast`: its fields), or the list of all tools of a server
(`weather`); without a name, the list of servers."""

CHECK: Final = """\
Type-check a program without running it: wrong names, arguments and fields are found, with what
would be right. `run` checks too, so use this only for a program that must not run yet."""

RUN: Final = """\
Check and run a Python program in a sandbox and return what it prints, the value of its last
expression, and the files that it leaves in its working folder (images are shown). It has no network
and no files of the user's; it reaches servers only through typed SDKs:

    from weather_sdk import weather
    days = weather.get_forecast(city="Oslo").days
    print(max(day.high for day in days))

Do all of a task in one program: loop, filter and combine there, and print only what answers. Find
names with `search` and `read`; do not guess them. Each run starts from nothing, unless `session`
is given: "new" begins one, and the answer names it for the next run, which keeps its variables.
A call that changes something may need the user's approval; a refused call must not be retried."""

READ_OUTPUT: Final = """\
Read on in what was too long for an answer, or in a text file that a program left, by its handle
(`out-…`)."""

RESUME: Final = """\
Go on with a run that was suspended because a person must approve one of its calls. What it did
before is not done again. Call it after the user says that they have approved."""


def instructions(servers: Sequence[str]) -> str:
    """The server's instructions: the rules of a right program and the names of the servers."""
    shown = list(servers[:_MAX_NAMES])
    if len(servers) > len(shown):
        shown.append(f"and {len(servers) - len(shown)} more")
    return f"{_INSTRUCTIONS}{RULES}\n{fence(', '.join(shown) or 'none yet', 'servers')}\n"


_MAX_NAMES: Final = 60
