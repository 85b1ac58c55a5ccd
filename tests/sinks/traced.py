"""Calls a server in every way that fails, with OpenTelemetry set up, and prints the spans."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress

from mcp_sdkgen_runtime import LazySession, SdkError
from mcp_sdkgen_runtime.observability.telemetry import watched
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


async def call(tool: str) -> None:
    """One call, as a generated method makes it."""
    session = LazySession("echo", json.loads(sys.argv[1]))
    with suppress(SdkError), watched("execute_tool", "echo", tool) as span:
        span.received((await session.call(tool, {})).content)
    await session.aclose()


provider, kept = TracerProvider(), InMemorySpanExporter()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)
for name in ("fail", "refuse", "garble", "report", "die"):
    asyncio.run(call(name))
print(json.dumps([json.loads(span.to_json()) for span in kept.get_finished_spans()]))
