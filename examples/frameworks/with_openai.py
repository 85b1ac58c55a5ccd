"""Code mode with OpenAI's own client, or any server that speaks as theirs does.

    OPENAI_API_KEY=... python with_openai.py "How warm is it in London?"

Needs an installed SDK, and an mcp.json that says where its server is.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from mcp_sdkgen_codemode import Executor, Handler, tools_for_openai
from openai import OpenAI

MODEL = os.environ.get("MODEL", "gpt-6.1-sol")
REQUESTS = 20


def answer(question: str) -> str:
    """The model's answer, for which it writes and repairs programs."""
    client = OpenAI()
    tools: Any = tools_for_openai()
    with Executor() as executor, Handler(executor) as handler:
        messages: list[Any] = [
            {"role": "system", "content": handler.instructions},
            {"role": "user", "content": question},
        ]
        handler.begin()
        for _ in range(REQUESTS):
            response = client.chat.completions.create(model=MODEL, messages=messages, tools=tools)
            message = response.choices[0].message
            messages.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                return message.content or ""
            for call in message.tool_calls:
                assert call.type == "function"
                reply = handler.handle(call.function.name, call.function.arguments)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": reply.text})
        return f"no answer after {REQUESTS} requests"


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:])))
