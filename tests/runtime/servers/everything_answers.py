"""What a server with the tools of `server-everything` answers, as wire data without any `mcp`.

The definitions are those of the showcase's snapshot, so that the SDK `everything_sdk` fits each
server that is made of this, whatever library it is made with.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Protocol

import anyio

ROOT = Path(__file__).parents[3]
SNAPSHOT = json.loads(
    (ROOT / "generated" / "everything" / "everything_sdk" / "snapshot.json").read_text()
)
TOOLS = [tool["definition"] for tool in SNAPSHOT["tools"]]
PROMPTS = SNAPSHOT["prompts"]
TEMPLATES = SNAPSHOT["resource_templates"]
RESOURCES = SNAPSHOT["resources"]

ELICITATION = "elicitation/create"
SAMPLING = "sampling/createMessage"
ROOTS = "roots/list"

PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
        "0000000049454e44ae426082"
    )
).decode()
WEATHER = {
    "New York": {"temperature": 33, "conditions": "Cloudy", "humidity": 82},
    "Chicago": {"temperature": 36, "conditions": "Light rain / drizzle", "humidity": 82},
    "Los Angeles": {"temperature": 73, "conditions": "Sunny / Clear", "humidity": 48},
}
FORM = {
    "message": "Please provide inputs for the following fields:",
    "requestedSchema": {
        "type": "object",
        "properties": {"name": {"type": "string", "title": "String"}},
        "required": ["name"],
    },
}


class Talk(Protocol):
    """What a server can do while it works on a call."""

    async def report(self, done: float, total: float) -> None:
        """Tell of progress, if the caller asked for it."""

    async def log(self, level: str, text: str) -> None:
        """Send a log message."""

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Ask the client something, and give its answer."""


async def call(
    tool: str, arguments: dict[str, Any], talk: Talk, cancelled: Path | None
) -> dict[str, Any]:
    """A tool's answer. The file `cancelled` is made when a call is cancelled."""
    if tool == "echo":
        return said(f"Echo: {arguments['message']}")
    if tool == "get-sum":
        a, b = arguments["a"], arguments["b"]
        return said(f"The sum of {a} and {b} is {a + b}.")
    if tool == "get-structured-content":
        weather = WEATHER[arguments["location"]]
        return {**said(json.dumps(weather)), "structuredContent": weather}
    if tool == "get-tiny-image":
        image = {"type": "image", "data": PIXEL, "mimeType": "image/png"}
        return {"content": [*said("Here's the image you requested:")["content"], image]}
    if tool == "get-resource-reference":
        return referred(arguments.get("resourceType", "Text"), arguments.get("resourceId", 1))
    if tool == "get-resource-links":
        return linked(arguments.get("count", 3))
    if tool == "trigger-long-running-operation":
        return await worked(arguments, talk, cancelled)
    if tool == "toggle-simulated-logging":
        await talk.log("warning", "Warning-level message")
        return said("Started simulated, random-leveled logging")
    return await asked(tool, arguments, talk)


async def asked(tool: str, arguments: dict[str, Any], talk: Talk) -> dict[str, Any]:
    if tool == "trigger-elicitation-request":
        given = await talk.ask(ELICITATION, FORM)
        return said(f"Raw result: {json.dumps(given)}")
    if tool == "trigger-sampling-request":
        text = {"type": "text", "text": f"Resource {tool} context: {arguments['prompt']}"}
        messages = [{"role": "user", "content": text}]
        limit = arguments.get("maxTokens", 100)
        given = await talk.ask(SAMPLING, {"messages": messages, "maxTokens": limit})
        return said(f"LLM sampling result: \n{json.dumps(given)}")
    if tool == "get-roots-list":
        given = await talk.ask(ROOTS, {})
        return said("\n".join(f"URI: {root['uri']}" for root in given["roots"]))
    return failed(f"{tool} is not part of these tests")


async def worked(arguments: dict[str, Any], talk: Talk, cancelled: Path | None) -> dict[str, Any]:
    duration, steps = arguments.get("duration", 10), int(arguments.get("steps", 5))
    try:
        for step in range(steps):
            await anyio.sleep(duration / steps)
            await talk.report(step + 1, steps)
    except anyio.get_cancelled_exc_class():
        if cancelled is not None:
            cancelled.touch()  # noqa: ASYNC240
        raise
    return said(f"Long running operation completed. Duration: {duration} seconds, Steps: {steps}.")


def referred(kind: str, number: float) -> dict[str, Any]:
    if number < 1 or number != int(number):
        return failed(f"Invalid resourceId: {number}. Must be a finite positive integer.")
    uri = f"demo://resource/dynamic/{kind.lower()}/{number}"
    resource = {"type": "resource", "resource": read(uri)["contents"][0]}
    return {"content": [*said("Returning resource reference")["content"], resource]}


def linked(count: float) -> dict[str, Any]:
    links = [
        {"type": "resource_link", "uri": f"demo://resource/dynamic/text/{n}", "name": f"Text {n}"}
        for n in range(1, int(count) + 1)
    ]
    return {"content": [*said("Here are resource links")["content"], *links]}


def read(uri: str) -> dict[str, Any]:
    """A resource. Raises `LookupError` for one that is not there."""
    kind, _, number = uri.removeprefix("demo://resource/dynamic/").partition("/")
    if kind not in ("text", "blob") or not number.isdigit():
        raise LookupError(f"Resource {uri} not found")
    facts = {"uri": uri, "mimeType": "text/plain"}
    if kind == "text":
        text = f"Resource {number}: This is a plaintext resource created at noon"
        return {"contents": [{**facts, "text": text}]}
    blob = f"Resource {number}: This is a base64 blob created at noon"
    return {"contents": [{**facts, "blob": base64.b64encode(blob.encode()).decode()}]}


def prompt(name: str, arguments: dict[str, str]) -> dict[str, Any]:
    """A prompt filled in. Raises `LookupError` for one that is not there."""
    if name == "simple-prompt":
        text = "This is a simple prompt without arguments."
    elif name == "args-prompt":
        place = ", ".join(filter(None, [arguments["city"], arguments.get("state")]))
        text = f"What's weather in {place}?"
    else:
        raise LookupError(f"Prompt {name} not found")
    return {"messages": [{"role": "user", "content": {"type": "text", "text": text}}]}


def said(text: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}]}


def failed(text: str) -> dict[str, Any]:
    return {**said(text), "isError": True}
