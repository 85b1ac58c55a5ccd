"""What stands behind an executor's broker: for each SDK, its tools and a session to its server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

from mcp_sdkgen_runtime import LazySession, SessionOptions
from mcp_sdkgen_runtime.config.binding import Binding
from mcp_sdkgen_runtime.session.direct_session import DirectSession, suits

from ..catalog import Sdk
from ..library.analysis import PACKAGE
from ..limits import Limits
from ..policy.services import Service

_ENVELOPE_BYTES = 64 << 10
"""What a JSON-RPC message has besides its result, and a list of tools at least."""


def services(
    sdks: Iterable[Sdk],
    bindings: Mapping[str, Binding],
    given: SessionOptions | None,
    limits: Limits,
) -> dict[str, Service]:
    """A service for each SDK, by the key of its server. None connects before a call needs it."""
    options = given or SessionOptions()
    # What no program may get is not read to its end.
    most = min(options.max_answer_bytes, limits.result_bytes + _ENVELOPE_BYTES)
    options = replace(options, max_answer_bytes=most)
    return {
        sdk.key: Service.of(
            sdk.key,
            _session(sdk, bindings.get(sdk.key), options),
            sdk.shipped,
            check_formats=options.check_formats,
        )
        for sdk in sdks
    }


def _session(sdk: Sdk, binding: Binding | None, options: SessionOptions) -> object:
    """A session without `mcp`, where there is nothing but tools and nothing is asked back."""
    shipped, package = sdk.shipped, str(sdk.folder)
    only_tools = not (shipped.prompts or shipped.resources or shipped.templates)
    if only_tools and suits(options):
        return DirectSession(sdk.key, binding, options, package, lasting=True)
    return LazySession(sdk.key, binding, options, package)


def import_mcp_for(program: str, sdks: Sequence[Sdk], services: Mapping[str, Service]) -> None:
    """Import `mcp`, which takes a second, if a call of a program will most likely need it: by the
    names of SDKs in its text, or of saved programs, which may use any. A guess costs only time."""
    any_sdk = PACKAGE in program
    for sdk in sdks:
        session = services[sdk.key].session
        is_named = any_sdk or sdk.package in program
        if is_named and not (isinstance(session, DirectSession) and session.is_direct()):
            import_module("mcp_sdkgen_runtime.session.mcp_session")
            return
