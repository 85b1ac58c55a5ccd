"""`AsyncWeather`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mcp_sdkgen_runtime import OMIT, AsyncClient, Omit, Unstructured

from . import prompts as _prompts
from . import resources as _resources
from . import tools as _tools


class AsyncWeather(AsyncClient):
    """Forecasts and alerts."""

    SERVER = "weather"
    PACKAGE = "handmade_weather_sdk"

    async def get_forecast(
        self,
        *,
        city: str,
        days: int | None = None,
        units: Literal["metric", "imperial"] | None = None,
    ) -> _tools.get_forecast.Forecast:
        """..."""
        return await self._call(
            _tools.get_forecast.TOOL, {"city": city, "days": days, "units": units}
        )

    async def list_alerts(
        self, *, region: str, since_date: str | None = None
    ) -> list[_tools.list_alerts.Alert]:
        """..."""
        return await self._call(
            _tools.list_alerts.TOOL, {"region": region, "since_date": since_date}
        )

    async def search(
        self,
        *,
        q: str | None,
        cursor: str | Omit | None = OMIT,
        labels: Sequence[_tools.search.Label | _tools.search.LabelParam] | None = None,
    ) -> Unstructured:
        """..."""
        return await self._call(_tools.search.TOOL, {"q": q, "cursor": cursor, "labels": labels})

    async def picture(self) -> Unstructured:
        """..."""
        return await self._call(_tools.picture.TOOL, {})

    async def fail(self, *, message: str) -> Unstructured:
        """..."""
        return await self._call(_tools.fail.TOOL, {"message": message})

    async def count(self, *, to: int) -> Unstructured:
        """..."""
        return await self._call(_tools.count.TOOL, {"to": to})

    async def hang(self) -> Unstructured:
        """..."""
        return await self._call(_tools.hang.TOOL, {})

    async def was_cancelled(self) -> Unstructured:
        """..."""
        return await self._call(_tools.was_cancelled.TOOL, {})

    async def crash(self) -> Unstructured:
        """..."""
        return await self._call(_tools.crash.TOOL, {})

    async def pid(self) -> Unstructured:
        """..."""
        return await self._call(_tools.pid.TOOL, {})

    @property
    def prompts(self) -> _prompts.AsyncPrompts:
        """..."""
        return _prompts.AsyncPrompts(self)

    @property
    def resources(self) -> _resources.AsyncResources:
        """..."""
        return _resources.AsyncResources(self)
