"""A cloud that gives its machines in pages, one object for each. Generated from a seed."""

from __future__ import annotations

import random
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
PAGE = 60
SIZES = {"a.small": 0.021, "a.medium": 0.084, "a.large": 0.336}

server = MCPServer(
    "aurora",
    title="Aurora",
    description="Virtual machines of the Aurora cloud.",
    version="1.0.0",
    log_level="WARNING",
)


class Machine(BaseModel):
    """One virtual machine."""

    instanceId: str
    type: Literal["a.small", "a.medium", "a.large"]
    state: Literal["RUNNING", "STOPPED"]
    hourlyUsd: float = Field(description="What it costs while it runs.")
    cpuAverage: float = Field(description="Of the last 14 days, from 0 to 1.")
    tags: dict[str, str]


class Page(BaseModel):
    """Some machines."""

    machines: list[Machine]
    nextToken: str | None = Field(description="Gives the next page; null on the last one.")


@server.tool(title="List machines", annotations=READS)
async def list_machines(
    token: Annotated[str | None, Field(description="`nextToken` of the page before.")] = None,
) -> Page:
    """List the machines of the account, a page at a time."""
    if token is not None and not token.isdecimal():
        raise ToolError(f"not a token: {token!r}")
    start = int(token or 0)
    more = start + PAGE < len(MACHINES)
    return Page(
        machines=MACHINES[start : start + PAGE], nextToken=str(start + PAGE) if more else None
    )


def _machines() -> list[Machine]:
    draw = random.Random(3)
    found = []
    for number in range(210):
        size: Literal["a.small", "a.medium", "a.large"] = draw.choice(
            ("a.small", "a.medium", "a.large")
        )
        found.append(
            Machine(
                instanceId=f"i-{draw.getrandbits(40):010x}",
                type=size,
                state="STOPPED" if draw.random() < 0.1 else "RUNNING",
                hourlyUsd=SIZES[size],
                cpuAverage=round(draw.betavariate(0.8, 4), 3),
                tags={"team": draw.choice(("search", "shop", "data")), "run": str(number)},
            )
        )
    return found


MACHINES = _machines()

if __name__ == "__main__":
    server.run("stdio")
