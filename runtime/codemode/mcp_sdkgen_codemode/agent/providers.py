"""Which model answers, and where it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from openai import OpenAIError
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

DEFAULTS: Final[Mapping[str, str]] = {
    "ANTHROPIC_API_KEY": "anthropic:claude-sonnet-5-5",
    "OPENAI_API_KEY": "openai:gpt-6.1-sol",
}
"""The model for whoever has a key and names none; the first key that is set counts."""

_KEYS: Final = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
"""Where the key of a provider is looked for, by the name before the colon of a model's."""

_NO_KEY = "none"
"""What is sent to a local server, which wants no key but gets the header from OpenAI's client."""


async def chosen(name: str | None = None, base_url: str | None = None, key: str = "") -> Model:
    """The model `provider:name` that is meant; with `base_url`, one of an OpenAI-compatible server.

    There the name is the server's own, and may be left out if it has only one model;
    `anthropic:name` means a server that speaks as Anthropic's does. `key` is sent to that server,
    and no other key is: those of the environment are for their own providers. Raises `ValueError`
    that says what to do.
    """
    try:
        if base_url is not None:
            return await _at(base_url, name, key or _NO_KEY)
        if name is None:
            name = next((model for key, model in DEFAULTS.items() if os.environ.get(key)), None)
        if name is None:
            keys = " or ".join(DEFAULTS)
            raise ValueError(f"no model: set {keys}, or name a server with --base-url")
        needed = _KEYS.get(name.partition(":")[0])
        if needed is not None and not os.environ.get(needed):
            raise ValueError(f"{name} needs a key: set {needed}, or use a server with --base-url")
        return infer_model(name)
    except (UserError, OpenAIError) as error:
        raise ValueError(str(error)) from None
    except ImportError as error:
        raise ValueError(f"{name}: {error}") from None


async def _at(base_url: str, name: str | None, key: str) -> Model:
    provider, _, rest = (name or "").partition(":")
    if provider == "anthropic" and rest:
        there = AnthropicProvider(api_key=key, base_url=base_url)
        return infer_model(name or "", lambda _: there)
    compatible = OpenAICompatibleProvider("openai-compatible", api_key=key, base_url=base_url)
    return OpenAIChatModel(name or await _only_model(compatible, base_url), provider=compatible)


async def _only_model(provider: OpenAICompatibleProvider, base_url: str) -> str:
    try:
        found = [model.id async for model in provider.client.models.list()]
    except OpenAIError as error:
        raise ValueError(f"{base_url} does not tell its models: {error}; use --model") from None
    if len(found) != 1:
        names = ", ".join(found[:20]) or "none"
        raise ValueError(f"which model of {base_url}? There are: {names}")
    return found[0]
