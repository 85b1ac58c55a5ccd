"""`AsyncWeather`."""

from __future__ import annotations

from mcp_sdkgen_runtime import awaited

from . import prompts as _prompts
from . import resources as _resources
from .client import Weather


@awaited
class AsyncWeather(Weather):
    """Forecasts and alerts."""

    @property
    def prompts(self) -> _prompts.AsyncPrompts:
        """..."""
        return _prompts.AsyncPrompts(self)

    @property
    def resources(self) -> _resources.AsyncResources:
        """..."""
        return _resources.AsyncResources(self)
