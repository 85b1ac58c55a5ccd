"""One module per tool."""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime.lazy import lazy_exports

if TYPE_CHECKING:
    from . import count as count
    from . import crash as crash
    from . import fail as fail
    from . import get_forecast as get_forecast
    from . import hang as hang
    from . import list_alerts as list_alerts
    from . import picture as picture
    from . import pid as pid
    from . import search as search
    from . import was_cancelled as was_cancelled

__getattr__ = lazy_exports(
    __name__,
    {
        "count": None,
        "crash": None,
        "fail": None,
        "get_forecast": None,
        "hang": None,
        "list_alerts": None,
        "picture": None,
        "pid": None,
        "search": None,
        "was_cancelled": None,
    },
)
