from __future__ import annotations

from typing import Annotated, Final, Literal

from mcp_sdkgen_runtime import Arguments, Model, Tool
from pydantic import Field


class ListAlertsArguments(Arguments):
    """What `list_alerts` sends."""

    region: str
    since_date: Annotated[str | None, Field(alias="sinceDate")] = None


class Alert(Model):
    headline: str
    severity: Literal["minor", "severe"]


TOOL: Final[Tool[list[Alert]]] = Tool(
    server="weather",
    name="list_alerts",
    arguments=ListAlertsArguments,
    result=list[Alert],
    digest="sha256:0",
    schema=(__package__, "list_alerts.json"),
    unwrap="result",
)
