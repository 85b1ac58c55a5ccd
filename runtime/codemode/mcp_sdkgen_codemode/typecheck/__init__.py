"""Is a program right? Asked before it runs, answered in milliseconds by a warm mypy."""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime import lazy as _lazy

if TYPE_CHECKING:
    from .checker import Checker as Checker
    from .checker import typecheck as typecheck

else:  # the checker's own process needs no more than its part
    __getattr__ = _lazy.lazy_exports(__name__, {"Checker": "checker", "typecheck": "checker"})
