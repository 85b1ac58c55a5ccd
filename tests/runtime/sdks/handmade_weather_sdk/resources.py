from __future__ import annotations

from mcp_sdkgen_runtime import AsyncResourceGroup, ResourceGroup, ResourceResult


class Resources(ResourceGroup):
    def user_profile(self, *, user_id: str) -> ResourceResult:
        """..."""
        return self._read("users://{user_id}/profile", {"user_id": user_id})


class AsyncResources(AsyncResourceGroup):
    async def user_profile(self, *, user_id: str) -> ResourceResult:
        """..."""
        return await self._read("users://{user_id}/profile", {"user_id": user_id})
