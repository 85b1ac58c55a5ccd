"""The runtime that every generated SDK stands on.

Everything is imported on first use: `import mcp_sdkgen_runtime` costs next to nothing, pydantic is
loaded by the first tool and `mcp` by the first connection.
"""

from typing import TYPE_CHECKING

from . import lazy as _lazy

if TYPE_CHECKING:
    from .callbacks import Elicitation as Elicitation
    from .callbacks import LogMessage as LogMessage
    from .callbacks import Sampling as Sampling
    from .cassettes.cassette import Cassette as Cassette
    from .cassettes.cassette import cassette as cassette
    from .client.awaited import awaited as awaited
    from .client.client import AsyncClient as AsyncClient
    from .client.client import Client as Client
    from .client.groups import AsyncPromptGroup as AsyncPromptGroup
    from .client.groups import AsyncResourceGroup as AsyncResourceGroup
    from .client.groups import PromptGroup as PromptGroup
    from .client.groups import ResourceGroup as ResourceGroup
    from .client.progress import ProgressBar as ProgressBar
    from .client.progress import report_progress as report_progress
    from .client.subscriptions import AsyncSubscription as AsyncSubscription
    from .client.subscriptions import Subscription as Subscription
    from .client.tasks import AsyncTask as AsyncTask
    from .client.tasks import AsyncTasks as AsyncTasks
    from .client.tasks import Task as Task
    from .client.tasks import Tasks as Tasks
    from .config.binding import Binding as Binding
    from .config.binding import configure as configure
    from .content.results import Observed as Observed
    from .content.results import PromptResult as PromptResult
    from .content.results import RawResult as RawResult
    from .content.results import ResourceResult as ResourceResult
    from .content.results import Unstructured as Unstructured
    from .content.text_result import ObservedText as ObservedText
    from .content.text_result import ResultText as ResultText
    from .errors import AnswerTooLarge as AnswerTooLarge
    from .errors import ArgumentsError as ArgumentsError
    from .errors import BindingError as BindingError
    from .errors import CallRefused as CallRefused
    from .errors import CallTimeout as CallTimeout
    from .errors import CassetteError as CassetteError
    from .errors import ConfigurationError as ConfigurationError
    from .errors import DriftError as DriftError
    from .errors import LoginRequired as LoginRequired
    from .errors import ResultError as ResultError
    from .errors import SdkError as SdkError
    from .errors import SessionError as SessionError
    from .errors import TaskCancelled as TaskCancelled
    from .errors import ToolError as ToolError
    from .options import CallOptions as CallOptions
    from .options import Observe as Observe
    from .options import SessionOptions as SessionOptions
    from .options import TaskState as TaskState
    from .session.session import AsyncSession as AsyncSession
    from .session.session import BlockingSession as BlockingSession
    from .session.session import BlockingSession as PortalSession  # noqa: F401  # its old name
    from .session.session import LazySession as DeferredSession  # noqa: F401  # its old name
    from .session.session import LazySession as LazySession
    from .session.session import Session as Session
    from .tool.annotations import Discriminated as Discriminated
    from .tool.annotations import OpenTuple as OpenTuple
    from .tool.tool import Arguments as Arguments
    from .tool.tool import Model as Model
    from .tool.tool import Tool as Tool
    from .types import OMIT as OMIT
    from .types import Omit as Omit
    from .types import SequenceNotStr as SequenceNotStr

from ._version import __version__ as __version__

_HOMES = {
    "config.binding": ("Binding", "configure"),
    "callbacks": ("Elicitation", "LogMessage", "Sampling"),
    "cassettes.cassette": ("Cassette", "cassette"),
    "client.awaited": ("awaited",),
    "client.client": ("AsyncClient", "Client"),
    "content.results": ("Observed", "PromptResult", "RawResult", "ResourceResult", "Unstructured"),
    "content.text_result": ("ObservedText", "ResultText"),
    "errors": (
        "AnswerTooLarge",
        "ArgumentsError",
        "BindingError",
        "CallRefused",
        "CallTimeout",
        "CassetteError",
        "ConfigurationError",
        "DriftError",
        "LoginRequired",
        "ResultError",
        "SdkError",
        "SessionError",
        "TaskCancelled",
        "ToolError",
    ),
    "client.groups": ("AsyncPromptGroup", "AsyncResourceGroup", "PromptGroup", "ResourceGroup"),
    "types": ("OMIT", "Omit", "SequenceNotStr"),
    "options": ("CallOptions", "Observe", "SessionOptions", "TaskState"),
    "client.progress": ("ProgressBar", "report_progress"),
    "session.session": (
        "AsyncSession",
        "BlockingSession",
        "DeferredSession",
        "LazySession",
        "PortalSession",
        "Session",
    ),
    "client.subscriptions": ("AsyncSubscription", "Subscription"),
    "client.tasks": ("AsyncTask", "AsyncTasks", "Task", "Tasks"),
    "tool.annotations": ("Discriminated", "OpenTuple"),
    "tool.tool": ("Arguments", "Model", "Tool"),
}

__all__ = sorted(name for names in _HOMES.values() for name in names)

if not TYPE_CHECKING:  # type checkers know the names above, and are to know no others
    __getattr__ = _lazy.lazy_exports(
        __name__, {name: home for home, names in _HOMES.items() for name in names}
    )
