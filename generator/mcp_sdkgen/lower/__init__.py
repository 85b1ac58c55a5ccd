"""Lowering: a snapshot becomes decisions. Nothing after this ever sees a JSON Schema."""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime import lazy as _lazy

if TYPE_CHECKING:
    from .server import FIRST_VERSION as FIRST_VERSION
    from .server import Lowered as Lowered
    from .server import lower as lower
    from .server import pinned_classes as pinned_classes
    from .typed import TypedDraft as TypedDraft

else:
    __getattr__ = _lazy.lazy_exports(
        __name__,
        {
            "FIRST_VERSION": "server",
            "Lowered": "server",
            "lower": "server",
            "pinned_classes": "server",
            "TypedDraft": "typed",
        },
    )
