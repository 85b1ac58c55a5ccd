"""A small server, and what was recorded of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mcp_sdkgen import Snapshot
from mcp_sdkgen.lock.versioning import FIRST
from mcp_sdkgen.observed.infer import Inferred, Recorded, infer
from mcp_sdkgen_runtime.schema.definitions import digest

PLAIN: dict[str, Any] = {"name": "look", "inputSchema": {"type": "object"}}


def snapshot(*tools: dict[str, Any]) -> Snapshot:
    return Snapshot.of("shop", tools or (PLAIN,), releases=(FIRST,))


def answer(shape: Any, read: str = "json") -> Recorded:
    return Recorded("shop", "look", digest(PLAIN), read, shape)


def only(found: Iterable[Inferred]) -> Inferred:
    (one,) = found
    return one


def taught(*shapes: Any) -> Snapshot:
    """The server with a type observed in answers of these shapes."""
    given = shapes or ({"id": "integer", "tags": ["string"]}, {"id": "integer"})
    found = only(infer(snapshot(), map(answer, given))).observation
    assert found is not None
    return Snapshot.of("shop", [PLAIN], releases=(FIRST,), observed={"look": found})
