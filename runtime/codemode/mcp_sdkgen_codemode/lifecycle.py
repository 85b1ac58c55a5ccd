"""What has an `aclose` is a context manager, for callers with and without an event loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from mcp_sdkgen_runtime.concurrency.portal import run


class Closing(ABC):
    """Base of what must be closed, in the event loop that it was used in."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close it."""

    def close(self) -> None:
        """`aclose` for callers without an event loop."""
        run(self.aclose)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
