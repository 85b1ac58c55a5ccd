"""A real MCP server whose tools are documented in each style that Python programmers use."""

from __future__ import annotations

from typing import Annotated

from mcp.server import MCPServer
from pydantic import Field

server = MCPServer("documented", log_level="WARNING")


@server.tool()
def google(city: str, days: Annotated[int, Field(ge=1, le=10)] = 3, unit: str = "C") -> str:
    """Get the forecast for a city

    Rain counts too.

    Args:
        city (str): The city, e.g. "Oslo". Wrapped
            over two lines.
        days: How many days, 1 to 10 (default: 3)
        unit (C or F): The scale.
        ctx: The context of the call.

    Returns:
        A dict with:
            high: the highest temperature

    Raises:
        ValueError: If the city is unknown.

    Example:
        google("Oslo")
    """
    return f"{city} {days} {unit}"


@server.tool()
def numpy(start: str, end: str, step: float = 1.5) -> str:
    """Count from a start to an end.

    Parameters
    ----------
    start, end : str, optional
        Where to begin and to stop.
    step : float, at least 0
        How far to go.

    Returns
    -------
    str
        What was counted.
    """
    return f"{start} {end} {step}"


@server.tool()
def sphinx(name: str, size: int) -> str:
    """Make a file.

    :param name: The name of the file,
        without its folder.
    :type name: str
    :param int size: Its size in bytes.
    :returns: The path.
    :raises OSError: If the disk is full.
    """
    return f"{name} {size}"


@server.tool()
def listed(
    trackIndex: Annotated[int, Field(description="The track")], loud: bool = False, mix: str = ""
) -> str:
    """Play one track. Louder if asked to.

    **Parameters:**

    - `track_index` (required): The index of the track
    - **loud**: Play it louder.
      As loud as it goes.
    - mix - What to mix in

    Then it stops.
    """
    return f"{trackIndex} {loud} {mix}"


@server.tool()
def unlike(query: str) -> str:
    """Search.

    Inputs:
    - Anchor the search via 'near', or not at all.

    Returns: one line
    of a paragraph that goes on.

    ```
    Args:
        query: In an example.
    ```
    """
    return query


@server.tool()
def several(operation: str) -> str:
    """Do one of two things.

    1. read
       Returns: the text
    2. write
       Returns: nothing

    Returns: as above
    """
    return operation


@server.prompt()
def greet(name: str, mood: str = "merry") -> str:
    """Greet somebody

    Args:
        name: Who is greeted.
        mood: In which mood.
    """
    return f"{name} {mood}"


if __name__ == "__main__":
    server.run()
