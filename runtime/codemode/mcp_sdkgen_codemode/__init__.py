"""Code mode: programs are checked, run in a box, and their tool calls go through a broker."""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime import lazy as _lazy

if TYPE_CHECKING:
    from .catalog import Entry as Entry
    from .catalog import Sdk as Sdk
    from .catalog import installed as installed
    from .conversation import Conversation as Conversation
    from .diagnostics import Diagnostic as Diagnostic
    from .execute import Executor as Executor
    from .execute import execute as execute
    from .execute import execute_async as execute_async
    from .limits import Limits as Limits
    from .outcome import Outcome as Outcome
    from .policy import Policy as Policy
    from .prompt import Prompt as Prompt
    from .prompt import prompt as prompt
    from .search import search as search
    from .toolset import Handler as Handler
    from .toolset import Reply as Reply
    from .toolset import tools_for_anthropic as tools_for_anthropic
    from .toolset import tools_for_openai as tools_for_openai

else:
    _lazy.keep_exports(__name__, ("execute", "prompt", "search"))
    __getattr__ = _lazy.lazy_exports(
        __name__,
        {
            "Entry": "catalog",
            "Sdk": "catalog",
            "installed": "catalog",
            "Conversation": "conversation",
            "Diagnostic": "diagnostics",
            "Executor": "execute",
            "execute_async": "execute",
            "Limits": "limits",
            "Outcome": "outcome",
            "Policy": "policy",
            "Prompt": "prompt",
            "Handler": "toolset",
            "Reply": "toolset",
            "tools_for_anthropic": "toolset",
            "tools_for_openai": "toolset",
        },
    )
