"""A calculator server for examples and tests.

It speaks stdio, or streamable HTTP on 127.0.0.1:

    python examples/servers/calculator.py
    python examples/servers/calculator.py --http 8000
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field
from serving import serve

server = MCPServer(
    "calculator",
    title="Calculator",
    description="Arithmetic on two numbers.",
    version="1.0.0",
    log_level="WARNING",
)


class Calculation(BaseModel):
    """One calculation and what came out of it."""

    expression: str = Field(description="The calculation as it was understood, such as `10 + 20`.")
    result: float


@server.tool(
    title="Calculate",
    annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
)
def calculate(
    operation: Annotated[
        Literal["add", "subtract", "multiply", "divide"],
        Field(description="What to do with the two numbers, `a` first."),
    ],
    a: Annotated[float, Field(description="The first number.")],
    b: Annotated[float, Field(description="The second number. Not 0 when dividing.")],
) -> Calculation:
    """Perform one calculation. Fails on division by zero and when the result is too large."""
    if operation == "divide" and b == 0:
        raise ToolError(f"division by zero: {a:g} / {b:g}")
    sign, result = {
        "add": ("+", a + b),
        "subtract": ("-", a - b),
        "multiply": ("*", a * b),
        "divide": ("/", a / (b or 1)),
    }[operation]
    if not math.isfinite(result):
        raise ToolError(f"out of range: {a:g} {sign} {b:g}")
    return Calculation(expression=f"{a:g} {sign} {b:g}", result=result)


if __name__ == "__main__":
    serve(server)
