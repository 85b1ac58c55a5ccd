"""What an answer costs a model: tool calls one by one, against one program. Counted, not estimated.

Both sides get the same question, make the same calls, and get the same answers from the servers.

- One by one, the model reads the definitions of all tools, as name, description and input schema,
  and the question. Every call is written by the model and put into the context with its result as
  text; then the model reads the whole context again. One more round trip answers the question.
- As one program, the model reads the system prompt and the question, writes the program, and reads
  what it printed. The results of calls never reach it.

The words of the final answer are the same on both sides, and are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp_sdkgen_codemode import Outcome, Sdk, prompt
from mcp_sdkgen_codemode.prompting.tokens import count


@dataclass(frozen=True)
class ToolCall:
    """One call and its answer as text, as a model would see them."""

    server: str
    tool: str
    arguments: Mapping[str, Any]
    result: str

    @property
    def written(self) -> str:
        """What a model writes to make the call."""
        return _compact({"name": f"{self.server}__{self.tool}", "arguments": self.arguments})


@dataclass(frozen=True)
class Cost:
    """What one way of answering takes.

    `round_trips` are requests to the model. `read` counts the tokens of all requests, each with
    the whole context so far; `written` those that the model writes; `context` those of the last
    request, so each of them once: what is read at least, however many calls go into one request.
    """

    calls: int
    round_trips: int
    read: int
    written: int
    context: int


def one_by_one(sdks: Iterable[Sdk], question: str, calls: Sequence[ToolCall]) -> Cost:
    """The cost of an answer when the model makes each call itself."""
    context = count(definitions(sdks)) + count(question)
    read = written = 0
    for call in calls:
        read += context
        call_tokens = count(call.written)
        written += call_tokens
        context += call_tokens + count(call.result)
    return Cost(len(calls), len(calls) + 1, read + context, written, context)


def one_program(sdks: Iterable[Sdk], question: str, program: str, outcome: Outcome) -> Cost:
    """The cost of an answer when the model writes one program."""
    first = prompt(sdks).tokens + count(question)
    written = count(program)
    value = "" if outcome.value is None else _compact(outcome.value)
    context = first + written + count(outcome.stdout + value)
    return Cost(len(outcome.calls), 2, first + context, written, context)


def definitions(sdks: Iterable[Sdk]) -> str:
    """The tools as hosts describe them to a model. Output schemas are not part of that."""
    tools = [
        {
            "name": f"{sdk.key}__{tool['name']}",
            "description": tool.get("description", ""),
            "input_schema": tool["inputSchema"],
        }
        for sdk in sdks
        for tool in sdk.definitions.values()
    ]
    return _compact(tools)


def recorded(journal: Path) -> list[ToolCall]:
    """The calls that a run made, with their whole answers, from its journal."""
    records = map(json.loads, journal.read_text(encoding="utf-8").splitlines())
    answered = [record for record in records if record.get("at") == "answered"]
    return [
        ToolCall(one["server"], one["tool"], one["arguments"], _text(json.loads(one["body"])))
        for one in sorted(answered, key=lambda one: int(one["number"]))
    ]


def content_text(content: Iterable[Mapping[str, Any]]) -> str:
    """The text of a result's content blocks, as hosts pass it on to a model."""
    return "\n".join(block["text"] for block in content if block.get("type") == "text")


def _text(body: Mapping[str, Any]) -> str:
    return content_text(body["content"]) if "content" in body else str(body["message"])


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
