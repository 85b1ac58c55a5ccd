"""Texts that were made safe for one place: what a template may put there as it is.

They stand apart from `ir`, since whoever shows a text on a terminal needs no decisions.
"""

from typing import NewType

Code = NewType("Code", str)
"""Python source."""
Prose = NewType("Prose", str)
"""Markdown."""
