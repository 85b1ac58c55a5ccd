"""The runtime that every generated SDK stands on.

Everything is imported on first use: `import mcp_sdkgen_runtime` costs next to nothing, pydantic is
loaded by the first tool and `mcp` by the first connection.
"""

from typing import TYPE_CHECKING

from . import lazy as _lazy

if TYPE_CHECKING:
    from .binding import Binding as Binding
    from .binding import configure as configure
    from .callbacks import Elicitation as Elicitation
    from .callbacks import LogMessage as LogMessage
    from .callbacks import Sampling as Sampling
    from .cassettes import Cassette as Cassette
    from .cassettes import cassette as cassette
    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .content import Observed as Observed
    from .content import PromptResult as PromptResult
    from .content import RawResult as RawResult
    from .content import ResourceResult as ResourceResult
    from .content import Unstructured as Unstructured
    from .errors import ArgumentsError as ArgumentsError
    from .errors import BindingError as BindingError
    from .errors import CallRefused as CallRefused
    from .errors import CallTimeout as CallTimeout
    from .errors import CassetteError as CassetteError
    from .errors import DriftError as DriftError
    from .errors import LoginRequired as LoginRequired
    from .errors import ResultError as ResultError
    from .errors import SdkError as SdkError
    from .errors import SessionError as SessionError
    from .errors import TaskCancelled as TaskCancelled
    from .errors import ToolError as ToolError
    from .groups import AsyncPromptGroup as AsyncPromptGroup
    from .groups import AsyncResourceGroup as AsyncResourceGroup
    from .groups import PromptGroup as PromptGroup
    from .groups import ResourceGroup as ResourceGroup
    from .omit import OMIT as OMIT
    from .omit import Omit as Omit
    from .options import CallOptions as CallOptions
    from .options import Observe as Observe
    from .options import SessionOptions as SessionOptions
    from .options import TaskState as TaskState
    from .progress import ProgressBar as ProgressBar
    from .progress import report_progress as report_progress
    from .sequences import SequenceNotStr as SequenceNotStr
    from .session import AsyncSession as AsyncSession
    from .session import DeferredSession as DeferredSession
    from .session import PortalSession as PortalSession
    from .session import Session as Session
    from .subscriptions import AsyncSubscription as AsyncSubscription
    from .subscriptions import Subscription as Subscription
    from .tasks import AsyncTask as AsyncTask
    from .tasks import AsyncTasks as AsyncTasks
    from .tasks import Task as Task
    from .tasks import Tasks as Tasks
    from .tool import Arguments as Arguments
    from .tool import Model as Model
    from .tool import Tool as Tool

__version__ = "0.1.0"

_HOMES = {
    "binding": ("Binding", "configure"),
    "callbacks": ("Elicitation", "LogMessage", "Sampling"),
    "cassettes": ("Cassette", "cassette"),
    "client": ("AsyncClient", "Client"),
    "content": ("Observed", "PromptResult", "RawResult", "ResourceResult", "Unstructured"),
    "errors": (
        "ArgumentsError",
        "BindingError",
        "CallRefused",
        "CallTimeout",
        "CassetteError",
        "DriftError",
        "LoginRequired",
        "ResultError",
        "SdkError",
        "SessionError",
        "TaskCancelled",
        "ToolError",
    ),
    "groups": ("AsyncPromptGroup", "AsyncResourceGroup", "PromptGroup", "ResourceGroup"),
    "omit": ("OMIT", "Omit"),
    "options": ("CallOptions", "Observe", "SessionOptions", "TaskState"),
    "progress": ("ProgressBar", "report_progress"),
    "sequences": ("SequenceNotStr",),
    "session": ("AsyncSession", "DeferredSession", "PortalSession", "Session"),
    "subscriptions": ("AsyncSubscription", "Subscription"),
    "tasks": ("AsyncTask", "AsyncTasks", "Task", "Tasks"),
    "tool": ("Arguments", "Model", "Tool"),
}

__all__ = sorted(name for names in _HOMES.values() for name in names)

if not TYPE_CHECKING:  # type checkers know the names above, and are to know no others
    __getattr__ = _lazy.lazy_exports(
        __name__, {name: home for home, names in _HOMES.items() for name in names}
    )
