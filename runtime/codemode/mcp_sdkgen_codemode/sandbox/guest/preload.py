"""What is imported before a program comes, so that it need not wait for it."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

_USUAL = """
ast asyncio base64 bisect collections concurrent.futures contextlib copy csv dataclasses datetime
decimal enum fractions functools hashlib heapq html io itertools json linecache logging math
operator os pathlib random re statistics string tempfile textwrap threading time traceback types
typing unicodedata urllib.parse uuid zoneinfo
"""
_OURS = """
client.client config.binding content.results errors observability.telemetry options
schema.validation session.session tool.codec tool.tool types
"""


def warm(modules: Iterable[str]) -> None:
    """Import the usual modules, our runtime and `modules`, and make pydantic ready to build models.

    Its first model costs a hundred times as much as its second.
    """
    for name in _USUAL.split():
        importlib.import_module(name)
    for name in _OURS.split():
        importlib.import_module(f"mcp_sdkgen_runtime.{name}")
    _build_models()
    for name in modules:
        importlib.import_module(name)


def _build_models() -> None:
    from datetime import date, datetime
    from typing import Annotated, Any, Literal

    from mcp_sdkgen_runtime.schema.validation import compiled
    from mcp_sdkgen_runtime.tool.tool import Model
    from pydantic import AnyUrl, Field, TypeAdapter, ValidationError

    class Inner(Model):
        kind: Literal["a", "b"]
        number: Annotated[float, Field(ge=0)] | None = None
        when: datetime | date | None = None

    class Outer(Model):
        items: list[Inner]
        table: dict[str, Any] | None = None
        link: AnyUrl | str | None = None
        wire_name: int | bool = Field(default=0, alias="wireName")

    found = TypeAdapter(list[Outer]).validate_python([{"items": [{"kind": "a", "number": 1}]}])
    found[0].model_dump(mode="json")
    found[0].model_dump_json()
    try:
        Outer.model_validate({"items": 1})
    except ValidationError as error:
        str(error)
    check = compiled({"type": "object", "required": ["a"]})
    if check is not None:
        check({})
