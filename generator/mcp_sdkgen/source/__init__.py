"""Sources: what a command line names, and the snapshots taken from it.

`resolve` turns arguments into sources without connecting to anything; `take` and `take_all` turn
sources into snapshots. Importing this package does not import `mcp`.
"""

from .kinds import BrokenSource as BrokenSource
from .kinds import Event as Event
from .kinds import Phase as Phase
from .kinds import SavedSource as SavedSource
from .kinds import ServerSource as ServerSource
from .kinds import Source as Source
from .kinds import Taken as Taken
from .resolve import Resolved as Resolved
from .resolve import only as only
from .resolve import resolve as resolve
from .take import DEFAULT_TIMEOUT_S as DEFAULT_TIMEOUT_S
from .take import run_sync as run_sync
from .take import take as take
from .take import take_all as take_all
from .take import take_all_sync as take_all_sync
from .take import take_sync as take_sync

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
