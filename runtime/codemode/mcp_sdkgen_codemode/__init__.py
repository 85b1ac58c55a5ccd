"""Code mode: programs are checked, run in a sandbox, and their tool calls go through a broker."""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime import lazy as _lazy

if TYPE_CHECKING:
    from .agent.tools import Handler as Handler
    from .agent.tools import Reply as Reply
    from .agent.tools import tools_for_anthropic as tools_for_anthropic
    from .agent.tools import tools_for_openai as tools_for_openai
    from .catalog import Entry as Entry
    from .catalog import Sdk as Sdk
    from .catalog import installed as installed
    from .diagnostics import Diagnostic as Diagnostic
    from .executor.conversation import Conversation as Conversation
    from .executor.executor import Executor as Executor
    from .executor.executor import execute as execute
    from .executor.executor import execute_async as execute_async
    from .limits import Limits as Limits
    from .outcome import Outcome as Outcome
    from .policy.policy import Policy as Policy
    from .prompting.prompt import Prompt as Prompt
    from .prompting.prompt import prompt as prompt
    from .tool_search.search import search as search

else:
    __getattr__ = _lazy.lazy_exports(
        __name__,
        {
            "Entry": "catalog",
            "Sdk": "catalog",
            "installed": "catalog",
            "Conversation": "executor.conversation",
            "Diagnostic": "diagnostics",
            "Executor": "executor.executor",
            "execute": "executor.executor",
            "execute_async": "executor.executor",
            "Limits": "limits",
            "Outcome": "outcome",
            "Policy": "policy.policy",
            "prompt": "prompting.prompt",
            "search": "tool_search.search",
            "Prompt": "prompting.prompt",
            "Handler": "agent.tools",
            "Reply": "agent.tools",
            "tools_for_anthropic": "agent.tools",
            "tools_for_openai": "agent.tools",
        },
    )
