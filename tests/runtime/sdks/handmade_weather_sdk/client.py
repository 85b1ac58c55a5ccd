"""`Weather`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mcp_sdkgen_runtime import OMIT, Client, Omit, Unstructured

from . import prompts as _prompts
from . import resources as _resources
from . import tools as _tools


class Weather(Client):
    """Forecasts and alerts."""

    SERVER = "weather"
    PACKAGE = "handmade_weather_sdk"

    def get_forecast(
        self,
        *,
        city: str,
        days: int | None = None,
        units: Literal["metric", "imperial"] | None = None,
    ) -> _tools.get_forecast.Forecast:
        """..."""
        return self._call(_tools.get_forecast.TOOL, {"city": city, "days": days, "units": units})

    def list_alerts(
        self, *, region: str, since_date: str | None = None
    ) -> list[_tools.list_alerts.Alert]:
        """..."""
        return self._call(_tools.list_alerts.TOOL, {"region": region, "since_date": since_date})

    def search(
        self,
        *,
        q: str | None,
        cursor: str | Omit | None = OMIT,
        labels: Sequence[_tools.search.Label | _tools.search.LabelParam] | None = None,
    ) -> Unstructured:
        """..."""
        return self._call(_tools.search.TOOL, {"q": q, "cursor": cursor, "labels": labels})

    def picture(self) -> Unstructured:
        """..."""
        return self._call(_tools.picture.TOOL, {})

    def fail(self, *, message: str) -> Unstructured:
        """..."""
        return self._call(_tools.fail.TOOL, {"message": message})

    def count(self, *, to: int) -> Unstructured:
        """..."""
        return self._call(_tools.count.TOOL, {"to": to})

    def hang(self) -> Unstructured:
        """..."""
        return self._call(_tools.hang.TOOL, {})

    def was_cancelled(self) -> Unstructured:
        """..."""
        return self._call(_tools.was_cancelled.TOOL, {})

    def crash(self) -> Unstructured:
        """..."""
        return self._call(_tools.crash.TOOL, {})

    def pid(self) -> Unstructured:
        """..."""
        return self._call(_tools.pid.TOOL, {})

    @property
    def prompts(self) -> _prompts.Prompts:
        """..."""
        return _prompts.Prompts(self)

    @property
    def resources(self) -> _resources.Resources:
        """..."""
        return _resources.Resources(self)


weather = Weather()
