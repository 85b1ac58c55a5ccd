from __future__ import annotations

from typing import Annotated, Final, Literal

from mcp_sdkgen_runtime import Arguments, Model, Tool
from pydantic import Field


class GetForecastArguments(Arguments):
    """What `get_forecast` sends."""

    city: str
    days: int | None = None
    units: Literal["metric", "imperial"] | None = None


class Day(Model):
    date: str
    high: float
    kind: Literal["calm", "storm", "hurricane"]
    precip_mm: Annotated[float, Field(alias="precipMm")]
    comment: str | None = None


class Forecast(Model):
    city: str
    days: list[Day]


TOOL: Final[Tool[Forecast]] = Tool(
    server="weather",
    name="get_forecast",
    arguments=GetForecastArguments,
    result=Forecast,
    digest="sha256:0",
    schema=(__package__, "get_forecast.json"),
    unwrap=None,
)
