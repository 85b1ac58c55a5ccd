"""A weather server for examples and tests, with made-up weather that never changes.

It speaks stdio, or streamable HTTP on 127.0.0.1:

    python examples/servers/weather.py
    python examples/servers/weather.py --http 8000
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field
from serving import serve

server = MCPServer(
    "weather",
    title="Weather",
    description="Current weather, forecasts and official alerts. The data is invented and fixed.",
    instructions="It knows Austin, London, Oslo and Paris. Every answer is invented and fixed.",
    version="1.0.0",
    log_level="WARNING",
)

Scale = Literal["fahrenheit", "celsius"]
Sky = Literal["sunny", "cloudy", "rainy", "snowy"]
Units = Literal["metric", "imperial"]
Severity = Literal["minor", "moderate", "severe", "extreme"]

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
FIRST_DAY = dt.date(2026, 6, 1)


@dataclass(frozen=True)
class Climate:
    """The weather of one city: `degrees` on the `scale` that is usual there."""

    city: str
    degrees: float
    scale: Scale
    sky: Sky


CLIMATES = {
    climate.city.lower(): climate
    for climate in (
        Climate("Austin", 93, "fahrenheit", "sunny"),
        Climate("London", 15, "celsius", "rainy"),
        Climate("Oslo", -2, "celsius", "snowy"),
        Climate("Paris", 18, "celsius", "cloudy"),
    )
}


class CurrentWeather(BaseModel):
    """The weather in one place."""

    location: str = Field(description="The city as the server resolved it.")
    temperature: float = Field(description="Air temperature, in degrees of `unit`.")
    unit: Scale = Field(description="The scale of `temperature`.")
    condition: Sky = Field(description="What the sky looks like.")


class Day(BaseModel):
    """One day of a forecast."""

    date: dt.date
    high: float = Field(description="Highest temperature of the day, in °C or °F.")
    low: float = Field(description="Lowest temperature of the day, in °C or °F.")
    condition: Sky
    precip_mm: float = Field(alias="precipMm", ge=0, description="Precipitation, in mm.")


class Forecast(BaseModel):
    """A daily forecast for one city."""

    city: str = Field(description="The city as the server resolved it.")
    units: Units
    days: list[Day] = Field(description="One entry a day, today first.")


class Alert(BaseModel):
    """One official alert."""

    headline: str
    severity: Severity
    until: dt.datetime = Field(description="When the alert ends, with its UTC offset.")


class Position(BaseModel):
    """A place on the map."""

    latitude: float = Field(ge=-90, le=90, description="Degrees north.")
    longitude: float = Field(ge=-180, le=180, description="Degrees east.")


ALERTS = {
    "US-TX": [
        Alert(
            headline="Excessive heat warning",
            severity="severe",
            until=dt.datetime(2026, 6, 2, 20, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        ),
        Alert(
            headline="Ozone action day",
            severity="minor",
            until=dt.datetime(2026, 6, 1, 22, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        ),
    ],
    "NO-03": [
        Alert(
            headline="Ice on roads",
            severity="moderate",
            until=dt.datetime(2026, 6, 1, 18, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        ),
    ],
}


@server.tool(title="Current weather", annotations=READS)
def get_weather(
    location: Annotated[
        str,
        Field(
            min_length=1,
            description='City, optionally with more: "Oslo" or "Austin, TX".',
            examples=["Austin, TX"],
        ),
    ],
    units: Annotated[
        Scale | None, Field(description="The scale to answer in. Left out: the usual one there.")
    ] = None,
) -> CurrentWeather:
    """Get the current weather for a location."""
    climate = _climate(location)
    scale = units or climate.scale
    return CurrentWeather(
        location=climate.city,
        temperature=_on_scale(climate.degrees, climate.scale, scale),
        unit=scale,
        condition=climate.sky,
    )


@server.tool(title="Daily forecast", annotations=READS)
def get_forecast(
    city: Annotated[
        str,
        Field(
            min_length=1,
            description='City, optionally with more: "Oslo" or "Paris, FR".',
            examples=["Oslo"],
        ),
    ],
    days: Annotated[int, Field(ge=1, le=10, description="How many days, starting today.")] = 3,
    units: Annotated[
        Units, Field(description="`metric` gives °C, `imperial` gives °F. Rain is always in mm.")
    ] = "metric",
) -> Forecast:
    """Get a daily forecast for a city."""
    climate = _climate(city)
    scale: Scale = "celsius" if units == "metric" else "fahrenheit"
    noon = _on_scale(climate.degrees, climate.scale, scale)
    wet = climate.sky in ("rainy", "snowy")
    return Forecast(
        city=climate.city,
        units=units,
        days=[
            Day(
                date=FIRST_DAY + dt.timedelta(days=n),
                high=noon + n % 3,
                low=noon - 8 + n % 2,
                condition=climate.sky,
                precipMm=4.5 if wet else 0.0,
            )
            for n in range(days)
        ],
    )


@server.tool(title="Alerts in force", annotations=READS)
def list_alerts(
    region: Annotated[
        str,
        Field(
            pattern="^[A-Z]{2}-[A-Z0-9]{1,3}$",
            description='ISO 3166-2 code, such as "NO-03".',
            examples=["NO-03"],
        ),
    ],
    min_severity: Annotated[
        Severity | None, Field(description="Leave out alerts milder than this.")
    ] = None,
) -> list[Alert]:
    """List the alerts in force in a region, most severe first. Empty when there are none."""
    ranks = get_args(Severity)
    floor = ranks.index(min_severity) if min_severity else 0
    return [alert for alert in ALERTS.get(region, []) if ranks.index(alert.severity) >= floor]


@server.tool(title="Report an observation", annotations=WRITES, structured_output=False)
def report_observation(
    station: Annotated[
        str,
        Field(
            pattern=r"^\d{5}$", description="WMO station number, five digits.", examples=["01492"]
        ),
    ],
    celsius: Annotated[float, Field(ge=-100, le=70, description="Air temperature at 2 m, in °C.")],
    position: Annotated[
        Position | None, Field(description="Where it was measured, for stations that move.")
    ] = None,
) -> str:
    """Submit one temperature reading. This server acknowledges it and keeps nothing."""
    place = f" at {position.latitude:g}, {position.longitude:g}" if position else ""
    return f"Recorded {celsius:g} °C for station {station}{place}."


@server.prompt(title="Packing list")
def packing_list(
    city: Annotated[str, Field(description="Where the journey goes.")],
    days: Annotated[str, Field(description="How many days it takes.")] = "3",
) -> str:
    """Ask for a packing list that fits the forecast."""
    return (
        f"I am travelling to {city} for {days} days. "
        "Look up the forecast and the alerts, then tell me what to pack and what to leave at home."
    )


@server.resource("weather://cities", title="Known cities", mime_type="application/json")
def cities() -> str:
    """The cities this server knows, as a JSON array of names."""
    return json.dumps([climate.city for climate in CLIMATES.values()])


@server.resource(
    "weather://cities/{city}/climate", title="Climate of a city", mime_type="application/json"
)
def climate_of(city: str) -> str:
    """What the weather of one city is always like, as a JSON object."""
    climate = CLIMATES.get(city.lower())
    if climate is None:
        raise ResourceNotFoundError(f"no city called {city!r}")
    return json.dumps(
        {"temperature": climate.degrees, "unit": climate.scale, "condition": climate.sky}
    )


def _climate(place: str) -> Climate:
    city = place.partition(",")[0].strip().lower()
    if city not in CLIMATES:
        known = ", ".join(climate.city for climate in CLIMATES.values())
        raise ToolError(f"no weather for {place!r}; known cities: {known}")
    return CLIMATES[city]


def _on_scale(degrees: float, scale: Scale, wanted: Scale) -> float:
    if scale == wanted:
        return degrees
    converted = degrees * 9 / 5 + 32 if wanted == "fahrenheit" else (degrees - 32) * 5 / 9
    return round(converted, 1)


if __name__ == "__main__":
    serve(server)
