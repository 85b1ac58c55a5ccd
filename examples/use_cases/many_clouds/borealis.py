"""A cloud that nests its machines in regions, and charges by the month. Generated from a seed."""

from __future__ import annotations

import random
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
REGIONS = ("eu-north", "eu-west", "us-east")

server = MCPServer(
    "borealis",
    title="Borealis",
    description="Servers of the Borealis cloud, by region.",
    version="1.0.0",
    log_level="WARNING",
)


class Usage(BaseModel):
    """How busy a server was in the last 14 days."""

    cpu_percent: float
    network_gb: float


class Server(BaseModel):
    """One server."""

    name: str
    owner: str
    powered_on: bool
    cents_per_month: int = Field(description="US cents.")
    usage: Usage


class Region(BaseModel):
    """The servers of one region, by rack."""

    region: str
    racks: dict[str, list[Server]]


@server.tool(title="List regions", annotations=READS)
async def list_regions() -> list[str]:
    """List the regions in use."""
    return list(REGIONS)


@server.tool(title="Describe a region", annotations=READS)
async def describe_region(
    region: Annotated[str, Field(description="From `list_regions`.")],
) -> Region:
    """Describe all servers of a region."""
    if region not in REGIONS:
        raise ToolError(f"no region {region!r}; there are {', '.join(REGIONS)}")
    draw = random.Random(REGIONS.index(region))
    racks = {f"r{rack}": [_server(draw, rack, n) for n in range(14)] for rack in range(1, 5)}
    return Region(region=region, racks=racks)


def _server(draw: random.Random, rack: int, number: int) -> Server:
    return Server(
        name=f"srv-{rack}{number:02}-{draw.getrandbits(16):04x}",
        owner=draw.choice(("search", "shop", "data")),
        powered_on=draw.random() > 0.08,
        cents_per_month=draw.choice((1900, 5200, 14800)),
        usage=Usage(
            cpu_percent=round(100 * draw.betavariate(0.8, 4), 1),
            network_gb=round(draw.lognormvariate(2, 1), 1),
        ),
    )


if __name__ == "__main__":
    server.run("stdio")
