"""Code mode as a toolset of a pydantic-ai agent, beside whatever other tools it has.

    ANTHROPIC_API_KEY=... python with_pydantic_ai.py "How warm is it in London?"

Needs an installed SDK, and an mcp.json that says where its server is.
"""

from __future__ import annotations

import asyncio
import os
import sys

from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.agent.pydantic_ai import CodeModeToolset
from pydantic_ai import Agent

MODEL = os.environ.get("MODEL", "anthropic:claude-sonnet-5-5")


async def answer(question: str) -> str:
    """The agent's answer, for which it writes and repairs programs."""
    async with Executor() as executor:
        agent = Agent(MODEL, toolsets=[CodeModeToolset(executor)])
        result = await agent.run(question)
        return result.output


if __name__ == "__main__":
    print(asyncio.run(answer(" ".join(sys.argv[1:]))))
