"""The types of `aio.py`."""

from collections.abc import Sequence
from typing import Literal

from mcp_sdkgen_runtime import OMIT, AsyncClient, Omit, Unstructured

from . import prompts as _prompts
from . import resources as _resources
from . import tools as _tools

class AsyncWeather(AsyncClient):
    async def get_forecast(
        self,
        *,
        city: str,
        days: int | None = None,
        units: Literal["metric", "imperial"] | None = None,
    ) -> _tools.get_forecast.Forecast: ...
    async def list_alerts(
        self, *, region: str, since_date: str | None = None
    ) -> list[_tools.list_alerts.Alert]: ...
    async def search(
        self,
        *,
        q: str | None,
        cursor: str | Omit | None = OMIT,
        labels: Sequence[_tools.search.Label | _tools.search.LabelParam] | None = None,
    ) -> Unstructured: ...
    async def picture(self) -> Unstructured: ...
    async def fail(self, *, message: str) -> Unstructured: ...
    async def count(self, *, to: int) -> Unstructured: ...
    async def hang(self) -> Unstructured: ...
    async def was_cancelled(self) -> Unstructured: ...
    async def crash(self) -> Unstructured: ...
    async def pid(self) -> Unstructured: ...
    @property
    def prompts(self) -> _prompts.AsyncPrompts: ...
    @property
    def resources(self) -> _resources.AsyncResources: ...
