"""Code mode with Anthropic's own client.

    ANTHROPIC_API_KEY=... python with_anthropic.py "How warm is it in London?"

Needs an installed SDK, and an mcp.json that says where its server is.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from anthropic import Anthropic
from mcp_sdkgen_codemode import Executor, Handler, tools_for_anthropic

MODEL = os.environ.get("MODEL", "claude-sonnet-5-5")
REQUESTS = 20


def answer(question: str) -> str:
    """The model's answer, for which it writes and repairs programs."""
    client = Anthropic()
    tools: Any = tools_for_anthropic()
    with Executor() as executor, Handler(executor) as handler:
        messages: list[Any] = [{"role": "user", "content": question}]
        handler.begin()
        for _ in range(REQUESTS):
            response = client.messages.create(
                model=MODEL,
                max_tokens=8000,
                system=handler.instructions,
                messages=messages,
                tools=tools,
            )
            messages.append({"role": "assistant", "content": response.content})
            results = []
            for block in response.content:
                if block.type == "tool_use":
                    reply = handler.handle(block.name, block.input)
                    result = {"type": "tool_result", "tool_use_id": block.id}
                    results.append({**result, "content": reply.text, "is_error": reply.is_error})
            if not results:
                return "".join(block.text for block in response.content if block.type == "text")
            messages.append({"role": "user", "content": results})
        return f"no answer after {REQUESTS} requests"


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:])))
