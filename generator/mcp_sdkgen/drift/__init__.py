"""Drift: what changed between two snapshots, and what it costs callers.

`snapshots` pairs tools, prompts and resources. What a changed tool costs is judged in
`mcp_sdkgen_runtime.schema.compat`, which an SDK asks at run time as well.
"""

from mcp_sdkgen_runtime.schema.compat import Change, Drift, Severity, label, render_text

from .snapshots import compare

__all__ = ["Change", "Drift", "Severity", "compare", "label", "render_text"]
