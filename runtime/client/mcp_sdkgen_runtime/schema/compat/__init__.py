"""The one judge of what a changed tool definition costs code that was written against the old one.

`mcp-sdkgen diff`, the next version of an SDK and the check at run time all ask it. Reads
downwards: `tools` compares two definitions; `relation` compares two schemas, with `containment`
as its judge; `view`, `reading` and `document` say what a schema allows. Pure, and of the standard
library only; a session imports it when a definition really differs.
"""

from . import wording
from .change import Change, Drift, Severity, label, render_text
from .relation import Finding
from .tools import change, tool_changes, tool_removed

__all__ = [
    "Change", "Drift", "Finding", "Severity", "change", "label", "render_text", "tool_changes",
    "tool_removed", "wording",
]  # fmt: skip
