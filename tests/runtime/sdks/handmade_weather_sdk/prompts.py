from __future__ import annotations

from mcp_sdkgen_runtime import AsyncPromptGroup, PromptGroup, PromptResult


class Prompts(PromptGroup):
    def code_review(self, *, code: str, style: str | None = None) -> PromptResult:
        """..."""
        return self._get("code_review", {"code": code, "style": style})


class AsyncPrompts(AsyncPromptGroup):
    async def code_review(self, *, code: str, style: str | None = None) -> PromptResult:
        """..."""
        return await self._get("code_review", {"code": code, "style": style})
