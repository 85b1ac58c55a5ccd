"""Sources: what a command line names, and the snapshots taken from it.

`resolve` turns arguments into sources without connecting to anything; `take` and `take_all` turn
sources into snapshots, and are imported when they are first asked for. Importing this package does
not import `mcp`.
"""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime import lazy as _lazy

from .model import BrokenSource as BrokenSource
from .model import Event as Event
from .model import Phase as Phase
from .model import SavedSource as SavedSource
from .model import ServerSource as ServerSource
from .model import Source as Source
from .model import Taken as Taken
from .resolve import Resolved as Resolved
from .resolve import only as only
from .resolve import resolve as resolve

if TYPE_CHECKING:
    from .fetch import DEFAULT_TIMEOUT_S as DEFAULT_TIMEOUT_S
    from .fetch import run_sync as run_sync
    from .fetch import take as take
    from .fetch import take_all as take_all
    from .fetch import take_all_sync as take_all_sync
    from .fetch import take_sync as take_sync

else:
    __getattr__ = _lazy.lazy_exports(
        __name__,
        dict.fromkeys(
            (
                "DEFAULT_TIMEOUT_S",
                "run_sync",
                "take",
                "take_all",
                "take_all_sync",
                "take_sync",
            ),
            "fetch",
        ),
    )

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "BrokenSource",
    "Event",
    "Phase",
    "Resolved",
    "SavedSource",
    "ServerSource",
    "Source",
    "Taken",
    "only",
    "resolve",
    "run_sync",
    "take",
    "take_all",
    "take_all_sync",
    "take_sync",
]
