"""One OpenTelemetry span and one log line for each call, and nothing at all without either.

A span tells server, tool, outcome and sizes (its own times are the duration), never arguments or
results. Names follow OpenTelemetry's conventions for GenAI and MCP: ours is the logical call, all
retries included (`execute_tool`); below it stands `mcp`'s own client span for each request.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal

from .._version import __version__
from ..errors import ToolError
from ..text import printable

if TYPE_CHECKING:
    import logging

Operation = Literal["execute_tool", "prompts/get", "resources/read"]

_logger: logging.Logger | None = None


class Span:
    """A span that records nothing, used when neither OpenTelemetry nor debug logging is on."""

    __slots__ = ()

    def sent(self, arguments: Any) -> None:
        """Take note of what is sent."""

    def received(self, answer: Any) -> None:
        """Take note of what came back."""

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        return None


NON_RECORDING: Final = Span()
_DEBUG: Final = 10


def watched(operation: Operation, server: str, name: str) -> Span:
    """The span of one call: recorded if OpenTelemetry is set up, and logged at level DEBUG."""
    tracer, log = _tracer(), _debug_log()
    if tracer is None and log is None:
        return NON_RECORDING
    return _RecordingSpan(operation, server, name, tracer, log)


def _tracer() -> Any:
    # Whoever wants spans has imported and set up OpenTelemetry: this module never does.
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    with suppress(Exception):  # half imported, or another version: calls must go on
        provider = trace.get_tracer_provider()
        if not isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
            return provider.get_tracer("mcp-sdkgen-runtime", __version__)
    return None


def _debug_log() -> logging.Logger | None:
    global _logger
    if _logger is None:
        # Who has not even imported `logging` has not asked for lines of this level.
        if "logging" not in sys.modules:
            return None
        from .log import logger

        _logger = logger(__name__)
    return _logger if _logger.isEnabledFor(_DEBUG) else None


class _RecordingSpan(Span):
    __slots__ = (
        "_began", "_current", "_log", "_name", "_operation", "_received", "_sent", "_server",
        "_span", "_tracer",
    )  # fmt: skip

    def __init__(
        self,
        operation: Operation,
        server: str,
        name: str,
        tracer: Any,
        log: logging.Logger | None,
    ) -> None:
        self._log = log
        self._operation = operation
        self._server = server
        self._name = name
        self._tracer = tracer
        self._span: Any = None
        self._current: Any = None
        self._sent = self._received = 0
        self._began = 0.0

    def sent(self, arguments: Any) -> None:
        self._sent = self._size(arguments)

    def received(self, answer: Any) -> None:
        self._received = self._size(answer)

    def _size(self, value: Any) -> int:
        # A span that was not sampled is not worth the measuring.
        if self._log is None and not self._span.is_recording():
            return 0
        import json

        with suppress(Exception):
            return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
        return 0

    def __enter__(self) -> Span:
        self._began = time.perf_counter()
        if self._tracer is not None:
            self._current = self._tracer.start_as_current_span(
                # A URI is no name for a group of spans: there are too many of them.
                self._operation
                if self._operation == "resources/read"
                else f"{self._operation} {self._name}",
                attributes=self._attributes(),
                # Messages of errors quote arguments and answers.
                record_exception=False,
                set_status_on_exception=False,
            )
            self._span = self._current.__enter__()
        return self

    def _attributes(self) -> dict[str, str]:
        found = {"mcp_sdkgen.server": self._server}
        if self._operation == "execute_tool":
            found["gen_ai.operation.name"] = "execute_tool"
            found["gen_ai.tool.name"] = self._name
            found["gen_ai.tool.type"] = "extension"
            found["mcp.method.name"] = "tools/call"
            return found
        found["mcp.method.name"] = self._operation
        if self._operation == "prompts/get":
            found["gen_ai.prompt.name"] = self._name
        return found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        outcome = _outcome(error)
        if self._span is not None:
            self._span.set_attribute("mcp_sdkgen.outcome", outcome)
            self._span.set_attribute("mcp_sdkgen.request.size", self._sent)
            self._span.set_attribute("mcp_sdkgen.response.size", self._received)
            if error is not None:
                self._span.set_attribute("error.type", outcome)
                self._span.set_status(sys.modules["opentelemetry.trace"].StatusCode.ERROR)
            self._current.__exit__(None, None, None)
        if self._log is not None:
            self._log.debug(
                "%s.%s: %s in %.3f s, %d characters sent, %d received",
                self._server, printable(self._name), outcome, time.perf_counter() - self._began,
                self._sent, self._received,
            )  # fmt: skip


def _outcome(error: BaseException | None) -> str:
    """`ok`, `tool_error` (as the conventions call a result with `isError`), or an error's name."""
    if error is None:
        return "ok"
    if isinstance(error, ToolError):
        return "tool_error"
    return type(error).__name__
