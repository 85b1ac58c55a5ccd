"""Weather: what the generator would write for `servers/weather_server.py`."""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime.lazy import lazy_exports

if TYPE_CHECKING:
    from .aio import AsyncWeather as AsyncWeather
    from .client import Weather as Weather
    from .client import weather as weather

__all__ = ["AsyncWeather", "Weather", "weather"]

__getattr__ = lazy_exports(
    __name__, {"AsyncWeather": "aio", "Weather": "client", "weather": "client"}
)
