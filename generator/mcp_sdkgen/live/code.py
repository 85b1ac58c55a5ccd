"""The Python that makes the same call with the server's SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_sdkgen_runtime.tool.spelling import Spelling

from .. import names
from ..lower.draft import Draft
from ..snapshot import EDITION, Snapshot
from ..text import identifier, literal


def python_code(
    server: str,
    one: Draft,
    arguments: Mapping[str, Any],
    pinned: Snapshot | None = None,
    package: str = "",
) -> str:
    """A program of two lines. `arguments` are by wire name; `pinned` is the lock of the SDK.

    Keys of objects inside have the names that a checker knows: those of the fields in Python.

    `package` is the import name that the configuration chooses.
    """
    chosen = package or (pinned.package if pinned is not None else "")
    edition = pinned.edition if pinned is not None else EDITION
    instance = identifier(names.instance(server, edition))
    called = {argument.wire: argument.name for argument in one.arguments}
    schema = one.tool.definition.get("inputSchema", one.tool.definition.get("input_schema"))
    spelled = Spelling(schema).python(arguments, edition)
    given = [
        f"{identifier(called[wire])}={literal(value)}"
        for wire, value in spelled.items()
        if wire in called
    ]
    extra = {wire: value for wire, value in spelled.items() if wire not in called}
    if extra:
        given.append(f"{identifier(one.extra_name)}={literal(extra)}")
    call = f"{instance}.{identifier(one.method)}({', '.join(given)})"
    return f"from {names.package(server, chosen)} import {instance}\n\nprint({call})\n"
