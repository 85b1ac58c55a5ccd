"""Drift: what changed between two snapshots, and what it costs callers.

Reads downwards: `snapshots` pairs tools, prompts and resources; `tools` and `offers` compare two
definitions; `relation` compares two schemas, with `containment` as its judge; `view`, `reading`
and `document` say what a schema allows. All of it is pure.
"""

from .change import Change, Drift, Severity, label, render_text
from .snapshots import compare

__all__ = ["Change", "Drift", "Severity", "compare", "label", "render_text"]
