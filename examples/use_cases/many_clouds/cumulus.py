"""A cloud that has only a report, all of it at once, as CSV in a text. Generated from a seed."""

from __future__ import annotations

import random

from mcp.server import MCPServer
from mcp_types import ToolAnnotations

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
HEADER = "resource;kind;team;running_hours;usd_total;cpu_p50;cpu_avg;mem_avg;last_login"

server = MCPServer(
    "cumulus",
    title="Cumulus",
    description="Usage and cost of the Cumulus cloud.",
    version="1.0.0",
    log_level="WARNING",
)


@server.tool(title="Usage report", annotations=READS, structured_output=False)
async def usage_report() -> str:
    """The usage of the last 14 days: CSV with semicolons, one line for each resource.

    `kind` is vm, disk or address. `usd_total` is the cost of those days; CPU is from 0 to 1, and
    empty for what has none.
    """
    draw = random.Random(5)
    lines = [HEADER]
    for number in range(1800):
        kind = draw.choice(("vm", "vm", "disk", "disk", "address"))
        team = draw.choice(("search", "shop", "data"))
        hours = 336 if draw.random() > 0.1 else draw.randint(0, 335)
        cost = hours * draw.choice((0.018, 0.07, 0.29)) * (1 if kind == "vm" else 0.05)
        busy = draw.betavariate(0.8, 4)
        cpu = f"{busy * 0.8:.3f};{busy:.3f}" if kind == "vm" else ";"
        lines.append(
            f"{kind}-{number:04}-{draw.getrandbits(24):06x};{kind};{team};{hours};{cost:.2f};{cpu};"
            f"{draw.random():.2f};2026-05-{draw.randint(1, 31):02}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    server.run("stdio")
